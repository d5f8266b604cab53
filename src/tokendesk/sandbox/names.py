"""Names of invented people, by the conventions of their cultures."""

import re
import unicodedata
from dataclasses import dataclass, field

_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "œ": "oe"}
)


def slug(name: str) -> str:
    """Return a Latin name for an e-mail address: `Martínez` as `martinez`."""
    decomposed = unicodedata.normalize("NFKD", name.lower().translate(_PLAIN_LETTERS))
    return re.sub(r"[^a-z-]", "", decomposed)


def _read(text: str) -> tuple[dict[str, int], tuple[str, ...]]:
    """Parse `name` or `name=slug` words: return the index of each slug, and the names; `_` means a space."""
    places: dict[str, int] = {}
    names: list[str] = []
    for word in text.split():
        name, _, written = word.partition("=")
        name = name.replace("_", " ")
        places[written or slug(name)] = len(names)
        names.append(name)
    if len(places) != len(names):
        raise ValueError("two names would share an e-mail address")
    return places, tuple(names)


@dataclass(frozen=True)
class Culture:
    """Given and family names of a culture; each pair is a possible person."""

    given_text: str
    family_text: str
    pattern: str = "{given} {family}"
    given: dict[str, int] = field(init=False)
    family: dict[str, int] = field(init=False)
    given_names: tuple[str, ...] = field(init=False)
    family_names: tuple[str, ...] = field(init=False)
    given_slugs: tuple[str, ...] = field(init=False)
    family_slugs: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        for part in ("given", "family"):
            places, names = _read(getattr(self, f"{part}_text"))
            object.__setattr__(self, part, places)
            object.__setattr__(self, f"{part}_names", names)
            object.__setattr__(self, f"{part}_slugs", tuple(places))

    @property
    def pairs(self) -> int:
        return len(self.given) * len(self.family)

    def person(self, pair: int) -> tuple[str, str, str]:
        """Return the full name, the nickname, and the local part of the e-mail address."""
        g, f = divmod(pair, len(self.family))
        given, family = self.given_names[g], self.family_names[f]
        full = self.pattern.format(given=given, family=family)
        return full, given, f"{self.given_slugs[g]}.{self.family_slugs[f]}"

    def pair(self, given: str, family: str) -> int | None:
        g, f = self.given.get(given), self.family.get(family)
        return None if g is None or f is None else g * len(self.family) + f


LATIN = Culture(
    """Aaliyah Ada Adaeze Adrián Aiko Ainhoa Alejandra Aleksander Alice Amara Amélie Amina Anaïs Anders
    Andrzej Anita Anke Antônio Asha Astrid Ayşe Beatriz Bence Björn Boubacar Brigid Bruno Camila
    Caoimhe Cem Chiara Chloé Christoph Cillian Clara Dagný Daniel Dariusz Davide Deepak Diego
    Dimitra Dmitri Eilidh Elif Elīna Emeka Emil Emma Enzo Erik Esther Eszter Farida Fatou Félix
    Fergus Fiona François Freya Gábor Gael Giulia Grace Guðrún Hana Hanneke Håkon Hélène Henrik Hugo
    Ibrahim Ifeoma Ines Ingrid Isabel Ivana Jakub Jana Javier Jean-Luc Jiří Joanna João Jonas José
    Juan Julia Kacper Kaija Karim Katarzyna Kavya Kerstin Kofi Kwame Lars Laszlo Leila Lena Léo Linh
    Lucía Luka Łukasz Magnus Maja Malika Manuel Marek Margarida María Mariam Marta Mateusz Matteo
    Mehmet Mia Mihai Minh Mónica Mwangi Nadia Natália Neha Niamh Nikola Nils Noor Núria Olga
    Oluwaseun Øyvind Oscar Paolo Pavel Pedro Petra Piotr Priya Rafael Rahul Ramón Ravi Renée Rosa
    Ruben Saoirse Sara Sébastien Siddharth Sigrid Siobhán Sofía Søren Stefan Šárka Tamás Tariq
    Tereza Thandiwe Théo Tomás Tove Uchenna Ulrike Valentina Vera Víctor Vikram Wanjiru Wiktoria
    Yasmin Youssef Yusuf Zofia Zoë Zsófia""",
    """Abara Adeyemi Aguilar Åkesson Albrecht Almeida Andersen Árnadóttir Bakker Balogun Banerjee Barbosa
    Baumann Beaumont Benedetti Berg Bianchi Björnsson Bøe Borges Brandt Brennan Castellanos Çelik
    Cermak Chaudhary Conti Costa Dąbrowski Dahl Delacroix Demir Desai Diallo Díaz Dlamini Doyle
    Dubois Dvořák Eriksen Esposito Farkas Fernandes Ferrari Fischer Fitzgerald Fontaine Fournier
    Gallagher García Gauthier González Gråberg Groß Gupta Haddad Hägglund Halvorsen Hansen Hernández
    Hoffmann Horvath Huber Ibáñez Ivanović Iyer Jakobsen Jankowski Jensen Jimenez Jóhannsson Kamau
    Kaya Keller Kelly Kipchoge Klein Kovács Kowalczyk Krüger Kumar Laurent Le_Guen Lefebvre Lehtonen
    Lindqvist López Løvland Mac_Aoidh Machado Mahlangu Marchetti Martin Martínez Mbeki Mehta Meyer
    Moreau Moretti Müller Muñoz Nagy Nair Ndiaye Nguyen Nielsen Novák Nowak Núñez O'Brien O'Connell
    Obi Öberg Okafor Okonkwo Oliveira Olsen Ortega Osei Özdemir Pereira Pérez Petrov Popescu Qureshi
    Ramírez Reddy Ribeiro Ricci Rinaldi Rodríguez Romero Rossi Ruiz Šimunić Saarinen Sánchez Sato-
    Lind Schäfer Schmidt Schneider Sharma Silva Sørensen Sousa Sullivan Świątek Szabó Tanaka
    Teixeira Thomsen Torres Tóth Traoré Tremblay Van_den_Berg Van_Dijk Vargas Vasquez Verma Vogel
    Wagner Weber Wiśniewski Yıldız Zając Zieliński Zimmermann""",
)

CULTURES = (
    Culture(
        "娜=na 伟=wei 秀英=xiuying 洋=yang 静=jing 磊=lei 芳=fang 军=jun 婷=ting 浩然=haoran",
        "李=li 王=wang 张=zhang 刘=liu 陈=chen 杨=yang 黄=huang 赵=zhao 吴=wu 周=zhou 徐=xu 欧阳=ouyang",
        "{family}{given}",
    ),
    Culture(
        "健=ken 美咲=misaki 翔太=shota 陽菜=hina 大輔=daisuke さくら=sakura 直樹=naoki 結衣=yui",
        "佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 渡辺=watanabe 伊藤=ito 山本=yamamoto 中村=nakamura",
        "{family} {given}",
    ),
    Culture(
        "민준=minjun 서연=seoyeon 지훈=jihoon 하은=haeun 도윤=doyun 수빈=subin",
        "김=kim 이=lee 박=park 최=choi 정=jung 강=kang 조=cho",
        "{family}{given}",
    ),
    Culture(
        "נועה=noa איתי=itai תמר=tamar יובל=yuval מיכל=michal אורי=uri שירה=shira",
        "כהן=cohen לוי=levi מזרחי=mizrahi פרץ=peretz ביטון=biton אברהם=avraham",
    ),
    Culture(
        "ليلى=layla عمر=omar فاطمة=fatima يوسف=yousef مريم=maryam خالد=khaled سلمى=salma",
        "حداد=haddad الخطيب=alkhatib منصور=mansour النجار=alnajjar عباس=abbas درويش=darwish",
    ),
    Culture(
        "Олена=olena Тарас=taras Ірина=iryna Андрій=andrii Мария=mariya Сергей=sergey",
        "Шевченко=shevchenko Коваленко=kovalenko Бондар=bondar Иванова=ivanova Петренко=petrenko Ткач=tkach",
    ),
    Culture(
        "Ελένη=eleni Γιώργος=giorgos Κατερίνα=katerina Νίκος=nikos",
        "Παπαδοπούλου=papadopoulou Γεωργίου=georgiou Δημητρίου=dimitriou Νικολάου=nikolaou",
    ),
    Culture(
        "आरव=aarav दिया=diya रोहन=rohan सान्या=sanya",
        "शर्मा=sharma वर्मा=verma गुप्ता=gupta पटेल=patel",
    ),
)

# Integration accounts: ordinary accounts that people created for a program, not Atlassian's service accounts.
SERVICES = (
    "svc-jenkins", "Confluence Export", "backup-nas", "Jira Sync Bot", "svc-terraform", "Grafana Alerts",
    "svc-gitlab-ci", "Release Notes Bot", "svc-servicedesk-mail", "BI Extract", "svc-ansible",
    "Zendesk Bridge", "svc-sonarqube", "Status Page Updater", "svc-backup", "HR Onboarding",
    "svc-artifactory", "Finance Close", "svc-datadog", "Slack Notifier", "svc-xray-import",
    "Translation Memory", "svc-argocd", "Risk Register Export", "svc-veracode", "Meeting Room Display",
    "svc-powerbi", "Asset Scanner", "svc-nagios", "Docs Publisher", "svc-bamboo", "Time Sheet Import",
    "svc-testrail", "Legal Archive", "svc-octopus", "Print Server", "svc-migration", "Capacity Planner",
    "svc-wiki-mirror", "Customer Portal",
)  # fmt: skip

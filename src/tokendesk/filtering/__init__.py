"""The filter language: text -> tree -> one parameterised SQL condition.

    fields    what can be asked in a pane; the tables themselves are made in `views`
    lex       text -> lexemes, without a table
    parse     text -> tree, or FilterError with the place and the nearest name
    values    what durations, dates, ranges and comparisons mean
    compile   tree -> Where(sql, params)
    format    tree -> text, and edits of a filter text
    complete  what the tab key would complete
    reference rows for help screens, `--help` and docs

Import from these modules: every start of the program pays for what is loaded here.
"""

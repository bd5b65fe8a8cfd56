; Calls of macros before a block: DEFINE(read, int, fd) { ... }
(translation_unit
  (expression_statement
    (call_expression
      function: (identifier) @_macro
      arguments: (argument_list . (_) @name . (_) @name))) @definition.function
  .
  (compound_statement) @body
  (#match? @_macro "TEST")
  (#not-match? @definition.function ";$"))
(translation_unit
  (expression_statement
    (call_expression
      function: (identifier) @_macro
      arguments: (argument_list . (_) @name))) @definition.function
  .
  (compound_statement) @body
  (#not-match? @definition.function ";$"))

(function_definition
  declarator: [
    (function_declarator declarator: (identifier) @name)
    (function_declarator
      declarator: (parenthesized_declarator
        (pointer_declarator declarator: (function_declarator declarator: (_) @name))))
    (pointer_declarator declarator: (function_declarator declarator: (_) @name))
    (pointer_declarator
      declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name)))
    (function_declarator declarator: (parenthesized_declarator (_) @name))
  ]
  body: (_) @body) @definition.function
(preproc_function_def name: (_) @name value: (_)? @body) @definition.function

(function_definition
  type: (type_identifier)
  declarator: (parenthesized_declarator (identifier) @name)
  body: (_) @body) @definition.function

(struct_specifier name: (_) @name body: (_) @body) @definition.class
(union_specifier name: (_) @name body: (_) @body) @definition.class
(enum_specifier name: (_) @name body: (_) @body) @definition.class
(type_definition
  type: [
    (struct_specifier !name body: (_) @body)
    (union_specifier !name body: (_) @body)
    (enum_specifier !name body: (_) @body)
  ]
  declarator: (type_identifier) @name) @definition.class
(type_definition type: (_) @inner) @outer

(comment) @comment
(preproc_include) @import

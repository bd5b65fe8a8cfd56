; Members
(field_declaration_list
  (function_definition
    declarator: [
      (function_declarator declarator: (_) @name)
      (pointer_declarator declarator: (function_declarator declarator: (_) @name))
      (reference_declarator (function_declarator declarator: (_) @name))
      (operator_cast) @name
    ]
    body: (_) @body) @definition.method)

; Calls of macros before a block: TEST_F(CartTest, Adds) { ... }
(function_definition
  !type
  declarator: (function_declarator
    declarator: (identifier) @_macro
    parameters: (parameter_list
      . (parameter_declaration . type: (_) @name .) . (parameter_declaration . type: (_) @name .)))
  body: (_) @body
  (#match? @_macro "^[A-Z][A-Z0-9_]*TEST|^TEST")) @definition.function
(function_definition
  !type
  declarator: (function_declarator
    declarator: (identifier) @_macro
    parameters: (parameter_list . (parameter_declaration . type: (_) @name .)))
  body: (_) @body
  (#match? @_macro "^[A-Z][A-Z0-9_]{2,}$")) @definition.function
(translation_unit
  (expression_statement
    (call_expression
      function: (identifier) @_macro
      arguments: (argument_list . (_) @name))) @definition.function
  .
  (compound_statement) @body
  (#not-match? @definition.function ";$"))

; Functions
(function_definition
  declarator: [
    (function_declarator declarator: (qualified_identifier) @name)
    (pointer_declarator declarator: (function_declarator declarator: (qualified_identifier) @name))
    (reference_declarator (function_declarator declarator: (qualified_identifier) @name))
  ]
  body: (_) @body) @definition.method
(function_definition
  declarator: [
    (function_declarator declarator: (_) @name)
    (function_declarator
      declarator: (parenthesized_declarator
        (pointer_declarator declarator: (function_declarator declarator: (_) @name))))
    (pointer_declarator declarator: (function_declarator declarator: (_) @name))
    (pointer_declarator
      declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name)))
    (reference_declarator (function_declarator declarator: (_) @name))
    (operator_cast) @name
    (qualified_identifier (operator_cast)) @name
  ]
  body: (_) @body) @definition.function
(preproc_function_def name: (_) @name value: (_)? @body) @definition.function
(function_definition
  type: (type_identifier)
  declarator: (parenthesized_declarator (identifier) @name)
  body: (_) @body) @definition.function
(init_declarator
  declarator: (identifier) @name
  value: (lambda_expression body: (_) @body)) @definition.function
(declaration declarator: (init_declarator) @inner) @outer

; Types
(class_specifier name: (_) @name body: (_) @body) @definition.class
(struct_specifier name: (_) @name body: (_) @body) @definition.class
(union_specifier name: (_) @name body: (_) @body) @definition.class
(enum_specifier name: (_) @name body: (_) @body) @definition.class
(concept_definition name: (_) @name) @definition.class
(type_definition
  type: [
    (struct_specifier !name body: (_) @body)
    (union_specifier !name body: (_) @body)
    (enum_specifier !name body: (_) @body)
  ]
  declarator: (type_identifier) @name) @definition.class
(type_definition type: (_) @inner) @outer
(template_declaration (_) @inner .) @outer

(namespace_definition name: (_)? @name body: (_) @body) @scope

; Functions that are passed to a call
(call_expression
  function: (_) @callee
  arguments: (argument_list
    (string_literal)? @argument
    (lambda_expression body: (compound_statement) @block) @callback) @arguments)
  @definition.callback
(expression_statement (call_expression) @inner) @outer
(init_declarator declarator: (identifier) @name value: (call_expression) @inner) @outer

(comment) @comment
(attribute_declaration) @attached
[(preproc_include) (using_declaration)] @import

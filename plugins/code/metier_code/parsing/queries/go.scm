(function_declaration name: (identifier) @name body: (block) @body) @definition.function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @receiver
    (generic_type type: (type_identifier) @receiver)
    (pointer_type (type_identifier) @receiver)
    (pointer_type (generic_type type: (type_identifier) @receiver))]))
  name: (field_identifier) @name
  body: (block) @body) @definition.method

(type_spec name: (_) @name type: (struct_type (field_declaration_list) @body)) @definition.class
(type_spec name: (_) @name) @definition.class
(type_alias name: (_) @name) @definition.class
(type_declaration . (type_spec) @inner .) @outer

; Values with names
(var_spec
  name: (identifier) @name
  value: (expression_list . (func_literal body: (_) @body) .)) @definition.function
(var_declaration . (var_spec) @inner .) @outer
(short_var_declaration
  left: (expression_list . (identifier) @name .)
  right: (expression_list . (func_literal body: (_) @body) .)) @definition.function
(keyed_element
  key: (literal_element (_) @name)
  value: (literal_element (func_literal body: (_) @body))) @definition.function
(var_spec
  name: (identifier) @name
  value: (expression_list . [(composite_literal) (unary_expression (composite_literal))] .)) @scope

; Groups of tests, and tests
(call_expression
  function: (identifier) @callee
  arguments: (argument_list
    . (interpreted_string_literal) @argument
    (func_literal body: (block) @body) @callback) @arguments
  (#any-of? @callee "Describe" "Context" "When")) @scope.group
(call_expression
  function: (identifier) @callee
  arguments: (argument_list
    . (interpreted_string_literal) @argument
    (func_literal body: (block) @block) @callback) @arguments
  (#any-of? @callee "It" "Specify")) @definition.test

; Functions that are passed to a call
(call_expression
  function: (_) @callee
  arguments: (argument_list
    [(interpreted_string_literal) (raw_string_literal)]? @argument
    (func_literal body: (block) @block) @callback) @arguments) @definition.callback
(call_expression function: (selector_expression operand: (call_expression) @inner)) @outer
(expression_list . (call_expression) @inner .) @outer
(var_spec name: (identifier) @name value: (expression_list) @inner (#not-eq? @name "_")) @outer
(var_spec name: (identifier) value: (expression_list) @inner) @outer

(comment) @comment
(package_clause) @import
(import_declaration) @import

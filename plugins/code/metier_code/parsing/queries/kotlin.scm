(function_declaration
  (user_type) @receiver . name: (_) @name
  (function_body) @body) @definition.method
(function_declaration name: (_) @name (function_body) @body) @definition.function
(secondary_constructor (block)? @body (#set! name "constructor")) @definition.method
(property_declaration
  (variable_declaration . (identifier) @name)
  [(lambda_literal) (anonymous_function)] @body) @definition.function
(property_declaration
  (variable_declaration . (identifier) @name)
  [(getter (function_body)) (setter (function_body))] @body) @definition.function

(class_declaration name: (_) @name [(class_body) (enum_class_body)]? @body) @definition.class
(object_declaration name: (_) @name (class_body)? @body) @definition.class
(companion_object name: (_)? @name (class_body) @body) @scope.type

; Tests
(call_expression
  (call_expression (identifier) @callee (value_arguments . (value_argument (_) @argument)) @arguments)
  (annotated_lambda (lambda_literal) @callback)
  (#any-of? @callee "describe" "context")) @scope.group
(call_expression
  (call_expression (identifier) @callee (value_arguments . (value_argument (_) @argument)) @arguments)
  (annotated_lambda (lambda_literal) @callback @block)
  (#any-of? @callee "it" "test" "should")) @definition.test
(call_expression
  (string_literal) @argument
  (annotated_lambda (lambda_literal) @callback @block)) @definition.test

; Functions that are passed to a call
(call_expression
  (call_expression (_) @callee
    (value_arguments (value_argument (string_literal) @argument)?) @arguments)
  (annotated_lambda (lambda_literal) @callback)) @definition.callback
(call_expression
  (_) @callee
  (annotated_lambda (lambda_literal) @callback) @arguments) @definition.callback
(call_expression
  (_) @callee
  (value_arguments
    (value_argument (string_literal) @argument)?
    (value_argument (lambda_literal) @callback)) @arguments) @definition.callback
(property_declaration
  (variable_declaration . (identifier) @name)
  (call_expression) @inner) @outer
(property_declaration
  (variable_declaration . (identifier) @name)
  (property_delegate (call_expression) @inner)) @outer

[(line_comment) (block_comment)] @comment
(annotation) @attached
[(package_header) (import)] @import

; the main function of a file of tests only holds them
((function_signature name: (identifier) @_main) @scope . (function_body
  (block (expression_statement . (identifier) @_call))) @body
  (#eq? @_main "main")
  (#any-of? @_call "group" "test" "testWidgets" "testGoldens" "blocTest"))
((function_signature name: (_) @name) @definition.function . (function_body) @body)
((getter_signature name: (_) @name) @definition.function . (function_body) @body)
((setter_signature name: (_) @name) @definition.function . (function_body) @body)
((method_signature (function_signature name: (_) @name)) @definition.method . (function_body) @body)
((method_signature (getter_signature name: (_) @name)) @definition.method . (function_body) @body)
((method_signature (setter_signature name: (_) @name)) @definition.method . (function_body) @body)
((method_signature (operator_signature [(binary_operator) "[]" "[]=" "~"] @name)) @definition.method . (function_body) @body)
((method_signature (constructor_signature name: (_) @name .)) @definition.method . (function_body) @body)
((method_signature (constructor_signature . (identifier) . (identifier) @name)) @definition.method . (function_body) @body)
((method_signature (constructor_signature . (identifier) @name)) @definition.method . (function_body) @body)
((method_signature (factory_constructor_signature (identifier) . (identifier) @name)) @definition.method . (function_body) @body)
((method_signature (factory_constructor_signature (identifier) @name)) @definition.method . (function_body) @body)
(static_final_declaration (identifier) @name (function_expression body: (_) @body)) @definition.function
(initialized_identifier (identifier) @name (function_expression body: (_) @body)) @definition.function
(static_final_declaration (identifier) @name . (_)
  (selector (argument_part (arguments . (argument (function_expression body: (_) @body)))))) @definition.function
; what it is passed to has type arguments, which the grammar takes for comparisons
(static_final_declaration (identifier) @name
  (relational_expression (parenthesized_expression
    (function_expression body: (_) @body)))) @definition.function

(class_definition name: (_) @name body: (_) @body) @definition.class
(mixin_declaration (identifier) @name (class_body) @body) @definition.class
(extension_declaration name: (_) @name body: (_) @body) @definition.class
(extension_declaration class: (_) @name body: (_)) @scope.type
(extension_type_declaration name: (_) @name body: (_) @body) @definition.class
(enum_declaration name: (_) @name body: (_) @body) @definition.class

(annotation) @attached
[(comment) (documentation_comment)] @comment
[(import_or_export) (library_name) (part_directive) (part_of_directive)] @import

(expression_statement . (identifier) @callee
  (selector (argument_part (arguments . (argument (string_literal) @argument) . (argument (function_expression) @callback)) @arguments))
  (#eq? @callee "group")) @scope.group
(expression_statement . (identifier) @callee
  (selector (argument_part (arguments . (argument (string_literal) @argument) . (argument (function_expression body: (_) @block) @callback)) @arguments))
  (#any-of? @callee "test" "testWidgets" "testGoldens" "blocTest")) @definition.test
(expression_statement . (identifier) @callee
  (selector (argument_part (arguments (argument (string_literal) @argument)? (argument (function_expression body: (_) @block) @callback)) @arguments))) @definition.callback

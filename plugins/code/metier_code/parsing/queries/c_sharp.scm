(method_declaration name: (_) @name body: (_) @body) @definition.method
(constructor_declaration name: (_) @name body: (_) @body) @definition.method
(destructor_declaration name: (_) @name body: (_) @body (#set! prefix "~")) @definition.method
(operator_declaration
  operator: _ @name body: (_) @body (#set! prefix "operator ")) @definition.method
(conversion_operator_declaration
  type: (_) @name body: (_) @body (#set! prefix "operator ")) @definition.method
(local_function_statement name: (_) @name body: (_) @body) @definition.function
(property_declaration
  name: (_) @name
  accessors: (accessor_list (accessor_declaration body: (_))) @body) @definition.method
(property_declaration name: (_) @name value: (arrow_expression_clause) @body) @definition.method
(event_declaration
  name: (_) @name
  accessors: (accessor_list (accessor_declaration body: (_))) @body) @definition.method
(indexer_declaration
  accessors: (accessor_list (accessor_declaration body: (_))) @body
  (#set! name "this[]")) @definition.method
(indexer_declaration value: (_) @body (#set! name "this[]")) @definition.method
(field_declaration
  (variable_declaration
    (variable_declarator
      name: (_) @name
      [(lambda_expression body: (_) @body) (anonymous_method_expression) @body])))
  @definition.method

(class_declaration name: (_) @name body: (_)? @body) @definition.class
(interface_declaration name: (_) @name body: (_)? @body) @definition.class
(struct_declaration name: (_) @name body: (_)? @body) @definition.class
(record_declaration name: (_) @name body: (_)? @body) @definition.class
(enum_declaration name: (_) @name body: (_)? @body) @definition.class

(namespace_declaration name: (_) @name body: (_) @body) @scope
(file_scoped_namespace_declaration name: (_) @name) @scope.file

; Functions that are passed to a call
(invocation_expression
  function: (_) @callee
  arguments: (argument_list
    (argument (string_literal) @argument)?
    (argument [
      (lambda_expression body: (block) @block)
      (anonymous_method_expression) @block
    ] @callback)) @arguments) @definition.callback
(invocation_expression
  function: (_) @callee
  arguments: (argument_list
    (argument (string_literal) @argument)?
    (argument (lambda_expression body: (_) @body) @callback)) @arguments) @definition.callback
(global_statement (expression_statement) @inner) @outer
(expression_statement (invocation_expression) @inner) @outer
(member_access_expression expression: (invocation_expression) @inner) @outer
(invocation_expression function: (member_access_expression) @inner) @outer

(comment) @comment
(attribute_list) @attached
(using_directive) @import

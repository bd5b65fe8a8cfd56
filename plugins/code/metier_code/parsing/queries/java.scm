(method_declaration name: (_) @name body: (_) @body) @definition.method
(constructor_declaration name: (_) @name body: (_) @body) @definition.method
(compact_constructor_declaration name: (_) @name body: (_) @body) @definition.method

(class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.class
(enum_declaration name: (_) @name body: (_) @body) @definition.class
(record_declaration name: (_) @name body: (_) @body) @definition.class
(annotation_type_declaration name: (_) @name body: (_) @body) @definition.class

; Values with names
(field_declaration
  declarator: (variable_declarator
    name: (_) @name
    value: (lambda_expression body: (_) @body))) @definition.method

; Functions that are passed to a call
(method_invocation
  name: (_) @callee
  arguments: (argument_list
    (string_literal)? @argument
    (lambda_expression body: (block) @block) @callback) @arguments) @definition.callback
(method_invocation
  name: (_) @callee
  arguments: (argument_list
    (string_literal)? @argument
    (lambda_expression body: (_) @body) @callback) @arguments) @definition.callback
(method_invocation object: (method_invocation) @inner) @outer
(variable_declarator name: (_) @name value: (method_invocation) @inner) @outer
(field_declaration declarator: (variable_declarator) @inner) @outer

[(line_comment) (block_comment)] @comment
[(marker_annotation) (annotation)] @attached
[(package_declaration) (import_declaration)] @import

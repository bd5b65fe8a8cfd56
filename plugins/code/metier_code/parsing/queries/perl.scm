(subroutine_declaration_statement name: (_) @name body: (block) @body) @definition.function
(method_declaration_statement name: (_) @name body: (block) @body) @definition.method
(package_statement name: (_) @name . (block)) @scope
(package_statement name: (_) @name) @scope.file
(class_statement name: (_) @name (block)) @scope.type
(class_statement name: (_) @name) @scope.file
(expression_statement (assignment_expression
  left: [(variable_declaration variable: (scalar (varname) @name)) (scalar (varname) @name) (glob (varname) @name)]
  right: (anonymous_subroutine_expression body: (block) @body))) @definition.function

(ambiguous_function_call_expression function: (_) @callee
  arguments: (list_expression . (string_literal) @argument
    (anonymous_subroutine_expression body: (block)) @callback) @arguments
  (#any-of? @callee "describe" "context")) @scope.group
(ambiguous_function_call_expression function: (_) @callee
  arguments: (list_expression . (string_literal) @argument
    (anonymous_subroutine_expression body: (block) @block) @callback) @arguments
  (#any-of? @callee "subtest" "it")) @definition.test
(ambiguous_function_call_expression function: (_) @callee
  arguments: (list_expression . [(string_literal) (interpolated_string_literal) (autoquoted_bareword)]? @argument
    (anonymous_subroutine_expression body: (block) @block) @callback) @arguments) @definition.callback
(expression_statement (_) @inner) @outer

[(comment) (pod)] @comment
(use_statement) @import

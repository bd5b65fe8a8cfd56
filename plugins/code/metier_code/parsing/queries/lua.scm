(function_declaration name: (_) @name body: (block)? @body) @definition.function
(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (function_definition body: (block)? @body) .)) @definition.function
(field name: (_) @name value: (function_definition body: (block)? @body)) @definition.function
(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (table_constructor) .)) @scope
(field name: (_) @name value: (table_constructor)) @scope
(variable_declaration . (assignment_statement) @inner .) @outer

(function_call name: (_) @callee
  arguments: (arguments . (string) @argument . (function_definition) @callback) @arguments
  (#any-of? @callee "describe" "context" "insulate" "expose")) @scope.group
(function_call name: (_) @callee
  arguments: (arguments . (string) @argument . (function_definition body: (block)? @block) @callback) @arguments
  (#any-of? @callee "it" "test" "spec" "pending")) @definition.test
(function_call name: (_) @callee
  arguments: (arguments (string)? @argument (function_definition body: (block)? @block) @callback) @arguments) @definition.callback
(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (function_call) @inner .)) @outer

(comment) @comment
(variable_declaration (assignment_statement (expression_list . value: (function_call name: (identifier) @_callee) .))
  (#eq? @_callee "require")) @import

(function_declaration name: (_) @name
  body: (block (expression_statement (return_expression [(struct_declaration) (union_declaration) (enum_declaration)]))) @body) @definition.class
(function_declaration name: (_) @name body: (_) @body) @definition.function
(test_declaration [(string) (identifier)]? @argument (block) @callback @block) @definition.test
(variable_declaration . (identifier) @name [(struct_declaration) (union_declaration) (enum_declaration) (opaque_declaration)] @body) @definition.class
(comment) @comment
(variable_declaration (identifier) (builtin_function (builtin_identifier) @_builtin) (#eq? @_builtin "@import")) @import

(function_definition
  name: (identifier) @name
  body: (block . (expression_statement . (string) @doc)?) @body) @definition.function

(class_definition
  name: (identifier) @name
  body: (block . (expression_statement . (string) @doc)?) @body) @definition.class

(assignment left: (identifier) @name right: (lambda body: (_) @body)) @definition.function
(expression_statement . (assignment) @inner .) @outer

(decorated_definition definition: (_) @inner) @outer

(module . (expression_statement . (string) .) @definition.module)
(module . (comment)+ . (expression_statement . (string) .) @definition.module)

(comment) @comment
(decorator) @attached
[(import_statement) (import_from_statement) (future_import_statement)] @import

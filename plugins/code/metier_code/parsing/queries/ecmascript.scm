; JavaScript and TypeScript.

; Functions and methods
(function_declaration name: (_) @name body: (_) @body) @definition.function
(generator_function_declaration name: (_) @name body: (_) @body) @definition.function
(method_definition name: (_) @name body: (_) @body) @definition.method

; Values with names
(variable_declarator
  name: (_) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]) @definition.function
(assignment_expression
  left: (member_expression
    object: (member_expression object: (_) @receiver property: (_) @_prototype)
    property: (_) @name)
  right: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]
  (#eq? @_prototype "prototype")) @definition.method
(assignment_expression
  left: (_) @name
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]) @definition.function
(pair
  key: (_) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]) @definition.method
(export_statement
  value: [
    (arrow_function body: (_) @body)
    (function_expression name: (_)? @name body: (_) @body)
  ]) @definition.function

; Classes
(class_declaration name: (_) @name body: (_) @body) @definition.class
(class name: (_)? @name body: (_) @body) @definition.class
(variable_declarator name: (_) @name value: (class body: (_) @body)) @definition.class
(assignment_expression left: (_) @name right: (class body: (_) @body)) @definition.class

; Objects
(variable_declarator name: (identifier) @name value: (object) @body) @scope
(assignment_expression left: (member_expression object: (_) @name property: (_) @_prototype)
  right: (object) @body (#eq? @_prototype "prototype")) @scope.type
(assignment_expression right: (object) @body) @scope
(pair key: (_) @name value: (object) @body) @scope
(variable_declarator name: (identifier) @name
  value: (call_expression arguments: (arguments . (object) @body .))) @scope
(variable_declarator name: (identifier) @name
  value: (call_expression arguments: (arguments . (string) . (object) @body .))) @scope

; Objects that a function returns to a call: stores
(variable_declarator name: (identifier) @name
  value: (call_expression function: (_) @_callee)
  (#match? @_callee "^create(Store|WithEqualityFn)?\\b")) @scope
(call_expression
  arguments: (arguments
    (arrow_function body: (parenthesized_expression
      (object [(method_definition) (pair value: [(arrow_function) (function_expression)])]))))) @scope

; Groups of tests, and tests
(call_expression
  function: (_) @callee
  arguments: (arguments
    . [(string) (template_string)] @argument
    [
      (arrow_function body: (_) @body)
      (function_expression body: (_) @body)
    ] @callback) @arguments
  (#match? @callee "^(f|x)?(describe|context|suite)\\b")) @scope.group
(call_expression
  function: (_) @callee
  arguments: (arguments
    . [(string) (template_string)] @argument
    [
      (arrow_function body: (_) @block)
      (function_expression body: (_) @block)
    ] @callback) @arguments
  (#match? @callee "^(f|x)?(it|test|specify)\\b")) @definition.test

; Functions that are passed to a call
(call_expression
  function: (_) @callee
  arguments: (arguments
    [(string) (template_string)]? @argument
    (arrow_function body: (_) @block) @callback) @arguments
  (#match? @callee "(^|\\.)(create|define|make|memo|computed|debounce|throttle|curry|lazy|wrap)\\w*$")) @definition.callback
(call_expression
  function: (_) @callee
  arguments: (arguments
    [(string) (template_string)]? @argument
    [
      (arrow_function body: (statement_block) @block)
      (function_expression name: (_)? @name body: (_) @block)
      (generator_function name: (_)? @name body: (_) @block)
    ] @callback) @arguments) @definition.callback
(call_expression
  function: (_) @callee
  arguments: (arguments
    [(string) (template_string)]? @argument
    (arrow_function body: (_) @body) @callback) @arguments) @definition.callback

; What reaches over a call
(arguments (call_expression) @inner) @outer
(call_expression function: (member_expression object: (call_expression) @inner)) @outer
(call_expression arguments: (arguments) @inner) @outer
(await_expression (call_expression) @inner) @outer
(variable_declarator name: (_) @name value: [(call_expression) (await_expression)] @inner) @outer
(assignment_expression left: (_) @name right: (call_expression) @inner) @outer
(pair key: (_) @name value: (call_expression) @inner) @outer
(expression_statement [(call_expression) (assignment_expression) (await_expression)] @inner) @outer
(export_statement value: (_) @inner) @outer

(lexical_declaration . (variable_declarator) @inner .) @outer
(variable_declaration . (variable_declarator) @inner .) @outer
(export_statement declaration: (_) @inner) @outer

(comment) @comment
(decorator) @attached
(import_statement) @import
(export_statement source: (_)) @import

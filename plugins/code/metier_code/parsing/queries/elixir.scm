; modules
(call target: (identifier) @_keyword (arguments . (_) @name)
  (do_block . (unary_operator operand: (call target: (identifier) @_attribute (arguments [(string) (sigil)] @doc)))) @body
  (#any-of? @_keyword "defmodule" "defprotocol") (#eq? @_attribute "moduledoc")) @definition.class
(call target: (identifier) @_keyword (arguments . (_) @name) (do_block) @body
  (#any-of? @_keyword "defmodule" "defprotocol")) @definition.class
(call target: (identifier) @_keyword
  (arguments . (_) @name (keywords (pair key: (keyword) @_for value: (_) @name))) (do_block) @body
  (#eq? @_keyword "defimpl") (#match? @_for "^for:")) @definition.class
(call target: (identifier) @_keyword (arguments . (_) @name) (do_block) @body
  (#eq? @_keyword "defimpl")) @definition.class

; functions, with a block or with `do:`
(call target: (identifier) @_keyword
  (arguments . [
    (identifier) @name
    (call target: (_) @name)
    (binary_operator left: [(identifier) @name (call target: (_) @name)] operator: "when")
    (binary_operator left: (binary_operator operator: _ @name) operator: "when")
    (binary_operator operator: _ @name)
    (unary_operator operator: _ @name)])
  (do_block) @body
  (#any-of? @_keyword "def" "defp" "defmacro" "defmacrop" "defn" "defnp")) @definition.function @clause
(call target: (identifier) @_keyword
  (arguments . [
    (identifier) @name
    (call target: (_) @name)
    (binary_operator left: [(identifier) @name (call target: (_) @name)] operator: "when")
    (binary_operator left: (binary_operator operator: _ @name) operator: "when")
    (binary_operator operator: _ @name)
    (unary_operator operator: _ @name)]
    . (keywords) @body)
  (#any-of? @_keyword "def" "defp" "defmacro" "defmacrop" "defn" "defnp" "defdelegate")) @definition.function @clause
(call target: (identifier) @_keyword
  (arguments . (binary_operator left: (call target: (identifier) @name) operator: "when" right: (_) @body))
  (#any-of? @_keyword "defguard" "defguardp")) @definition.function

; tests, routes and other blocks under a text
(call target: (identifier) @callee (arguments . (string) @argument) @arguments (do_block) @callback
  (#any-of? @callee "describe" "scope")) @scope.group
(call target: (identifier) @callee (arguments . (string) @argument) @arguments (do_block) @callback @block
  (#any-of? @callee "test" "feature")) @definition.test
(call target: (identifier) @callee (arguments . (string) @argument) @arguments (do_block) @callback @block) @definition.callback
(call target: (identifier) @callee (arguments)? @arguments (do_block) @callback @block
  (#any-of? @callee "setup" "setup_all")) @definition.callback

(unary_operator operator: "@" operand: (call target: (identifier) @_attribute (arguments [(string) (sigil)] @doc)
  (#eq? @_attribute "doc"))) @attached
(unary_operator operator: "@" operand: (call target: (identifier) @_attribute
  (#any-of? @_attribute "doc" "spec" "impl" "tag" "deprecated" "decorate"))) @attached
(comment) @comment
(call target: (identifier) @_keyword (#any-of? @_keyword "use" "import" "alias" "require")) @import

/* Markup that comes whole from the server and is drawn as one (dashboard/components/still.py): [tag, attributes, children ...].
   A button whose id is a dictionary says when it is pressed; a "way" is a link within the application. Text is text. */
(function () {
  "use strict";
  const saleslens = (window.saleslens = window.saleslens || {});

  /* An id as Dash itself writes one into the page. */
  function name(id) {
    return "{" + Object.keys(id).sort().map(function (key) { return JSON.stringify(key) + ":" + JSON.stringify(id[key]); }).join(",") + "}";
  }

  saleslens.Still = function (props) {
    function draw(part) {
      if (!Array.isArray(part)) return part;
      const attributes = Object.assign({}, part[1]), id = attributes.id;
      if (id && typeof id === "object") {
        attributes.id = name(id);
        attributes.onClick = function () { props.setProps({ pressed: Object.assign({ at: Date.now() }, id) }); };
      }
      if (part[0] === "way") attributes.onClick = function (event) { saleslens.follow(event, attributes.href); };
      return window.React.createElement.apply(null, [part[0] === "way" ? "a" : part[0], attributes].concat(part.slice(2).map(draw)));
    }
    return draw(props.drawn);
  };
})();

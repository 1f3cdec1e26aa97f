/* The duplicate check while a contact is typed: asked once the typing rests, and only with what can be a whole number or name. */
(function () {
  "use strict";
  const REST = 400;
  let latest = 0;

  function complete(phone, email, company) {
    return {
      phone: (phone || "").replace(/\D/g, "").length >= 10 ? phone : "",
      email: /^\S+@\S+\.\S+$/.test((email || "").trim()) ? email : "",
      company: (company || "").trim().length >= 3 ? company : "",
    };
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.lead = {
    typed: function (phone, email, company, before) {
      const mine = ++latest, nothing = window.dash_clientside.no_update;
      const asked = complete(phone, email, company);
      return new Promise(function (resolve) {
        setTimeout(function () {
          resolve(mine !== latest || JSON.stringify(asked) === JSON.stringify(before) ? nothing : asked);
        }, REST);
      });
    },
  };
})();

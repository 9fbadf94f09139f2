// The API reference: Swagger UI over the document that this very program serves.
(function () {
  var dark = matchMedia('(prefers-color-scheme: dark)');
  var choice = null;
  var token = null;
  try {
    choice = localStorage.getItem('amtia.theme');
    token = sessionStorage.getItem('amtia.token');
  } catch {
    // A browser that refuses storage follows the system, and asks for a token.
  }
  function paint() {
    var on = choice === 'dark' || (choice !== 'light' && dark.matches);
    document.documentElement.classList.toggle('dark-mode', on);
  }
  paint();
  dark.addEventListener('change', paint);

  // What the viewer leaves out for people who use a keyboard or a screen reader.
  function mend(selector, name, value) {
    document.querySelectorAll('#reference ' + selector + ':not([' + name + '])').forEach(function (one) {
      one.setAttribute(name, value);
    });
  }
  new MutationObserver(function () {
    // Its main part is the operations; what stands above them has a name too.
    mend('.information-container', 'role', 'region');
    mend('.information-container', 'aria-label', 'About');
    mend('.scheme-container', 'role', 'region');
    mend('.scheme-container', 'aria-label', 'Server and authorization');
    mend('#servers', 'aria-label', 'Server');
    // Long examples scroll.
    mend('.microlight', 'tabindex', '0');
    mend('.opblock-tag, .models > h4', 'aria-level', '2');
    mend('.opblock-section-header h4, .responses-inner h4, .responses-inner h5', 'aria-level', '3');
  }).observe(document.getElementById('reference'), { childList: true, subtree: true });

  // What the window alone needs comes last.
  function localLast(a, b) {
    return a === b ? 0 : a === 'local' ? 1 : b === 'local' ? -1 : a < b ? -1 : 1;
  }
  window.SwaggerUIBundle({
    url: '/v1/openapi.json',
    dom_id: '#reference',
    // A link inside the button that opens an operation is one control in another.
    deepLinking: false,
    docExpansion: 'list',
    tagsSorter: localLast,
    tryItOutEnabled: false,
    persistAuthorization: false,
    validatorUrl: null,
    // Opened from a page that is signed in, it is signed in too; a token given by Authorize comes first.
    requestInterceptor: function (request) {
      if (token && !request.headers.Authorization) request.headers.Authorization = 'Bearer ' + token;
      return request;
    },
  });
})();

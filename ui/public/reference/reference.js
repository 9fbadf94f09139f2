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

  // What the window alone needs comes last.
  function localLast(a, b) {
    return a === b ? 0 : a === 'local' ? 1 : b === 'local' ? -1 : a < b ? -1 : 1;
  }
  window.SwaggerUIBundle({
    url: '/v1/openapi.json',
    dom_id: '#reference',
    deepLinking: true,
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

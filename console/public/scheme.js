// Before anything is drawn: dark or light, as chosen here before, or as the system has it.
(function () {
    var chosen = localStorage.getItem('clouddeck.scheme');
    var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
    document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();

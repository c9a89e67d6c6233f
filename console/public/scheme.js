// Before anything is drawn: dark or light, as chosen here before, or as the system has it; and which outlines are seen
// until the page is there (src/first.css): those of a page of somebody who is signed in, or of a door.
(function () {
    var chosen = localStorage.getItem('clouddeck.scheme');
    var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
    var page = document.documentElement;
    page.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
    var doors = /^\/(sign-in|sign-up|verify|forgot|reset|invitations|device|access)(\/|$)/;
    page.setAttribute('data-first', localStorage.getItem('clouddeck.session') && !doors.test(location.pathname) ? 'page' : 'door');
})();

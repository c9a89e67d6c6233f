// Elements without markup in texts: what a person or a repository wrote never becomes HTML.

export function h(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (key.startsWith('on')) {
            element.addEventListener(key.slice(2), value);
        } else if (value === true) {
            element.setAttribute(key, '');
        } else if (value !== false && value !== null && value !== undefined) {
            element.setAttribute(key, value);
        }
    }
    element.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
    return element;
}

export const card = (title, ...children) => h('section', { class: 'card' }, title ? h('h2', {}, title) : null, ...children);

export function field(label, attributes) {
    const input = h('input', { required: true, ...attributes });
    return h('label', {}, h('span', {}, label), input);
}

// A form that says what it is doing, and what went wrong, in one place.
export function form(fields, action, done) {
    const said = h('p', { class: 'said', role: 'alert', hidden: true });
    const button = h('button', { class: 'primary', type: 'submit' }, action);
    const element = h('form', {
        onsubmit: async event => {
            event.preventDefault();
            button.disabled = true;
            said.hidden = true;
            try {
                await done(Object.fromEntries(new FormData(element)));
            } catch (error) {
                tell(said, error);
            }
            button.disabled = false;
        },
    }, fields, said, button);
    return element;
}

// A button for one deed; it stays disabled while the deed is done.
export function deed(text, done, attributes = {}) {
    const said = h('span', { class: 'said', role: 'alert', hidden: true });
    const button = h('button', {
        type: 'button',
        ...attributes,
        onclick: async () => {
            button.disabled = true;
            said.hidden = true;
            try {
                await done();
            } catch (error) {
                tell(said, error);
            }
            button.disabled = false;
        },
    }, text);
    return h('span', { class: 'deed' }, button, said);
}

export function tell(said, error) {
    said.textContent = [error.message, error.hint].filter(Boolean).join(' ');
    said.hidden = false;
}

export function moment(text) {
    return text ? new Date(text).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) : '';
}

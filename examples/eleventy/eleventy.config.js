export default function (config) {
  config.addPassthroughCopy('src/style.css');
  config.addFilter('day', (date) => date.toISOString().slice(0, 10));
}

export const config = {
  dir: { input: 'src' },
  markdownTemplateEngine: 'njk',
};

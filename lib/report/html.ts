import { escapeHtml } from '../core/text';

/** Markup that may stand in a page as it is. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

/** A template of markup: every value in it is escaped, unless it is markup itself. Null and false are nothing. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.map((string, i) => string + (i < parts.length ? markup(parts[i]) : '')).join(''));
}

function markup(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(markup).join('');
  return escapeHtml(String(part));
}

/** A script of ours or of a package, in the page itself. */
export function inlineScript(source: string): Html {
  return new Html(`<script>${source.replaceAll(/<\/(script)/gi, '<\\/$1')}</script>`);
}

/** Data for the page's script. */
export function inlineData(id: string, value: unknown): Html {
  const json = JSON.stringify(value).replaceAll('<', '\\u003c');
  return html`<script type="application/json" id="${id}">${new Html(json)}</script>`;
}

/** A link out of the page; an address that is not on the web is shown as text. */
export function link(address: string, text: string): Html {
  return /^https?:\/\//i.test(address) ? html`<a href="${address}">${text}</a>` : html`${text} (${address})`;
}

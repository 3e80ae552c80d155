import type { FindingSection, Findings } from '../paper';
import { type Html, html } from './html';

/** What was found, first in a few sentences, then each comparison with its number, to be unfolded. */
export function findingsMarkup({ summary, sections }: Findings): Html {
  return html`<section aria-labelledby="title-findings" id="findings"><h2 id="title-findings">Findings</h2>
${summary.length > 0 ? html`<ul class="summary">${summary.map((sentence) => html`<li>${sentence}</li>`)}</ul>` : html`<p>No run has a record yet: there is nothing to say.</p>`}
${sections.map(sectionMarkup)}</section>`;
}

function sectionMarkup({ title, scale, agrees, differs, undecided, others }: FindingSection): Html {
  return html`<details class="finding"><summary>${title}: how it was found</summary>
<p>${scale}</p>
${part('Agrees with what was published', agrees, 'reproduced')}
${part('Differs from what was published', differs, 'differs')}
${part('Undecided', undecided, 'undecided')}
${part('Without a published counterpart', others, 'undecided')}
</details>
`;
}

function part(title: string, sentences: readonly string[], verdict: string): Html | null {
  if (sentences.length === 0) return null;
  return html`<h3><span class="verdict ${verdict}">${title}</span></h3><ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
}

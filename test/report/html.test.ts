import assert from 'node:assert/strict';
import { html, inlineData, inlineScript, link } from '../../lib/report/html';

describe('Markup', () => {
  it('escapes every value, also within lists and attributes, and no markup twice', () => {
    const name = `<img src="x" onerror='1'> & co`;
    const safe = '&#60;img src=&#34;x&#34; onerror=&#39;1&#39;&#62; &#38; co';
    const inner = html`<b title="${name}">${[name]}</b>`;
    assert.equal(html`<p>${inner}</p>`.text, `<p><b title="${safe}">${safe}</b></p>`);
  });

  it('leaves out what is not there, but not zeros', () => {
    assert.equal(html`${null}${undefined}${false}${0}${''}`.text, '0');
  });

  it('keeps data and scripts from ending their element', () => {
    const data = { title: '</script><script>alert(1)</script>' };
    const { text } = inlineData('data', data);
    assert.equal(text.match(/<\/script>/g)?.length, 1);
    assert.deepEqual(JSON.parse(text.replace(/<[^>]*>/g, '')), data);
    assert.equal(inlineScript('a = "</script>"').text, '<script>a = "<\\/script>"</script>');
  });

  it('links to the web alone', () => {
    assert.match(
      link('https://a.example/?b&c', 'a').text,
      /^<a href="https:\/\/a\.example\/\?b&#38;c">a<\/a>$/,
    );
    assert.equal(link('javascript:alert(1)', 'a').text, 'a (javascript:alert(1))');
  });
});

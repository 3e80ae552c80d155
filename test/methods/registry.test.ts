import assert from 'node:assert/strict';
import { z } from 'zod';
import { UserError } from '../../lib/core/errors';
import { randomStream } from '../../lib/core/random';
import { tf } from '../../lib/engine';
import { startEngine } from '../../lib/engine/engine';
import {
  comparedMethods,
  createLearner,
  describeOptions,
  findMethod,
  type Learner,
  listMethods,
  type Method,
  methodOptions,
  registerMethod,
  viewsOf,
} from '../../lib/methods';
import { byolHeads, type Heads, mocoHeads, snclrHeads } from '../../lib/models';
import { tinyConfig } from '../training/tiny-run';

function refuses(work: () => unknown, ...patterns: RegExp[]): void {
  assert.throws(work, (error: Error) => {
    assert.ok(error instanceof UserError, error.stack);
    for (const pattern of patterns) assert.match(error.message, pattern);
    return true;
  });
}

/** A method that could be anybody's. */
function ownMethod(changes: Partial<Method> = {}): Method {
  return { ...findMethod('untrained'), name: 'own', title: 'Own', ...changes };
}

describe('The methods', () => {
  it('are the eleven of the comparison and the untrained network', () => {
    assert.equal(comparedMethods.length, 11);
    const names = listMethods().map(({ name }) => name);
    assert.deepEqual(names.slice(0, 12), [...comparedMethods, 'untrained']);
  });

  it('say what they are, where they come from and what their options mean', () => {
    for (const method of listMethods()) {
      for (const text of [method.title, method.summary, method.source])
        assert.ok(text.length > 2, method.name);
      for (const { name, description } of describeOptions(method))
        assert.ok(description, `${method.name} ${name}`);
      assert.deepEqual(
        describeOptions(method).map(({ name }) => name),
        Object.keys(methodOptions(method.name, {})),
      );
    }
  });

  it('tell what values an option takes', () => {
    const values = (method: string, option: string) =>
      describeOptions(findMethod(method)).find(({ name }) => name === option)?.values;
    assert.equal(values('mnn', 'mixing'), 'none, norm1, norm2, norm3; default norm3');
    assert.equal(values('mnn', 'lambda'), 'random or a number from 0 to 1; default random');
    assert.equal(values('mnn', 'topK'), 'a whole number above 0; default 5');
    assert.equal(values('snclr', 'threshold'), 'true or false; default false');
    const options = z.strictObject({
      any: z.int().default(-1),
      share: z.number().min(0).lt(1).default(0.5),
    }) as unknown as Method['options'];
    assert.deepEqual(
      describeOptions(ownMethod({ options })).map((option) => option.values),
      ['a whole number; default -1', 'a number from 0 below 1; default 0.5'],
    );
  });

  it('see the views that their options name', () => {
    assert.deepEqual(viewsOf({ method: 'mnn', options: {} }), ['strong', 'weak']);
    assert.deepEqual(viewsOf({ method: 'simclr', options: { views: 'weak/weak' } }), ['weak', 'weak']);
    assert.deepEqual(viewsOf({ method: 'cmsf', options: {} }), ['strong', 'weak', 'weak']);
  });

  it('of others see the views of their option or of their function, and need one of them', () => {
    const views = (changes: Partial<Method>) => {
      registerMethod(ownMethod(changes));
      return viewsOf({ method: 'own', options: {} });
    };
    const options = z.strictObject({ views: z.string().default('weak/strong') });
    const option = { options: options as unknown as Method['options'] };
    assert.deepEqual(views({ ...option, views: undefined }), ['weak', 'strong']);
    assert.deepEqual(views({ ...option, views: () => ['strong'] }), ['strong']);
    refuses(() => views({ views: undefined }), /'own'.*views/);
  });

  it('build their networks with the heads that they name', () => {
    const given: unknown[] = [];
    const create: Method['create'] = (_config, _options, heads) => {
      given.push(heads);
      return {} as Learner;
    };
    for (const heads of [mocoHeads, byolHeads, undefined]) {
      registerMethod(ownMethod({ create, heads }));
      createLearner({ ...tinyConfig('untrained'), method: 'own' });
    }
    assert.deepEqual(given.slice(0, 2), [mocoHeads, byolHeads]);
    const none = given[2] as Heads;
    refuses(
      () => none.projection(randomStream(1, 'init'), { ins: 1, hidden: 1, outs: 1 }, true),
      /'own'.*heads/,
    );
  });

  for (const method of comparedMethods) {
    it(`have other parameters with other heads: ${method}`, async () => {
      const parameters = (heads: Heads | undefined) => {
        registerMethod({ ...findMethod(method), name: 'own', heads });
        const learner = createLearner({ ...tinyConfig(method), method: 'own' });
        const names = [...learner.parameters().keys()].join();
        tf.disposeVariables();
        return names;
      };
      const { heads } = findMethod(method);
      const other = heads === mocoHeads ? snclrHeads : mocoHeads;
      await startEngine({ engine: 'cpu' });
      assert.notEqual(parameters(heads), parameters({ ...other, prediction: heads!.prediction }));
    });
  }

  it('refuse an unknown option and a wrong value, and name the right ones', () => {
    refuses(() => methodOptions('mnn', { mix: 'norm3' }), /"mix"/, /Known options: .*mixing/);
    refuses(
      () => methodOptions('mnn', { mixing: 'norm4' }),
      /"none"\|"norm1"\|"norm2"\|"norm3"/,
      /at mixing/,
    );
    refuses(() => methodOptions('mnn', { lambda: 'often' }), /'random' or a number from 0 to 1/, /at lambda/);
    refuses(() => methodOptions('sce', { coefficient: 2 }), /<=1/, /at coefficient/);
    refuses(() => methodOptions('byol', { mixing: 'norm3' }), /give a topK/);
  });

  it('of others can be registered, and again under the same name', () => {
    assert.equal(registerMethod(ownMethod()), 'own');
    registerMethod(ownMethod({ title: 'Own, better' }));
    assert.equal(findMethod('own').title, 'Own, better');
  });

  it('of others cannot take the name of one of the kit, a name with spaces, or have options without defaults', () => {
    refuses(() => registerMethod(ownMethod({ name: 'mnn' })), /'mnn'.*another name/);
    refuses(() => registerMethod(ownMethod({ name: 'My Method' })), /'My Method'.*small letters/);
    const options = z.strictObject({ size: z.number() }) as unknown as Method['options'];
    refuses(() => registerMethod(ownMethod({ options })), /needs a default/, /size/);
  });

  it('of others cannot have options that let a misspelt name pass, or that no record can hold', () => {
    const own = (options: z.ZodType) => ownMethod({ options: options as unknown as Method['options'] });
    const size = z.number().default(1);
    refuses(() => registerMethod(own(z.object({ size }))), /'own' let unknown names pass/, /z\.strictObject/);
    refuses(() => registerMethod(own(z.looseObject({ size }))), /z\.strictObject/);
    refuses(
      () => registerMethod(own(z.strictObject({ size, sizes: z.array(z.number()).default([1, 2]) }))),
      /'sizes' of method 'own' has the default \[1,2\]/,
      /number, a string or a boolean/,
    );
    refuses(
      () => registerMethod(own(z.strictObject({ size: size.nullable().default(null) }))),
      /'size'.*null/,
    );
  });
});

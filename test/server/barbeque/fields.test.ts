import { expect } from 'chai';
import fc from 'fast-check';
import { isWanted, parseFields } from '../../../server/doors/barbeque/fields.ts';
import { Problem } from '../../../server/words/problems.ts';

const usual = ['message_id', 'status', 'id'];
const asked = ['html_url', 'message'];

/** The fields of an execution that are shown for a query, in their order; undefined where the query is refused. */
function shown(text: string): string[] | undefined {
  try {
    const fields = parseFields(text);
    return [
      ...usual.filter((name) => isWanted(fields, name)),
      ...asked.filter((name) => isWanted(fields, name, false)),
    ];
  } catch (error) {
    if (error instanceof Problem && error.message === 'Invalid query in ?fields=') return undefined;
    throw error;
  }
}

const cases: Record<string, string[]> = {
  '': usual,
  __default__: usual,
  '__default__,html_url': [...usual, 'html_url'],
  'html_url,__default__': [...usual, 'html_url'],
  '*': [...usual, ...asked],
  'nosuch,*': [...usual, ...asked],
  status: ['status'],
  'id,status': ['status', 'id'],
  'id, status': ['status', 'id'],
  ' \n id': ['id'],
  message: ['message'],
  'message[recipe_id]': ['message'],
  'message[a,b[c]],id': ['id', 'message'],
  'message[*]': ['message'],
  __all__: [],
  nosuch: [],
  'id;status': ['id'],
  'id status': ['status'],
  'status id': ['id'],
  'id[a': ['id'],
  'id[a[b': ['id'],
  'id[a]status': ['status'],
  'a-b': [],
  'id<x>': ['id'],
};

describe('?fields=', () => {
  for (const [query, expected] of Object.entries(cases))
    it(`${JSON.stringify(query)} shows ${expected.join(', ') || 'nothing'}`, () => {
      expect(shown(query)).to.deep.equal(expected);
    });

  it('is refused where a name is missing', () => {
    for (const query of [
      'id,',
      ',id',
      'id,,status',
      '[',
      ']',
      'id[',
      'id]',
      'id[]',
      'id[a,]',
      '<x>',
      ' ',
      ';',
      'id[,a]',
    ])
      expect(shown(query), query).to.equal(undefined);
  });

  it('shows what is listed, whatever stands in brackets behind it', () => {
    const name = fc.constantFrom(...usual, ...asked, '__default__', 'nosuch', 'a.b');
    const nested = fc.letrec<{ list: string }>((tie) => ({
      list: fc
        .array(
          fc
            .tuple(name, fc.option(tie('list'), { nil: undefined }), fc.constantFrom('', ' ', '\t'))
            .map(([one, inner, space]) => space + one + (inner === undefined ? '' : `[${inner}]`)),
          { minLength: 1, maxLength: 4 },
        )
        .map((all) => all.join(',')),
    })).list;
    const item = fc.tuple(name, fc.option(nested, { nil: undefined }));
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), (items) => {
        const names = new Set(items.map(([one]) => one));
        const query = items.map(([one, inner]) => (inner === undefined ? one : `${one}[${inner}]`)).join(',');
        const wanted = [
          ...usual.filter((one) => names.has(one) || names.has('__default__')),
          ...asked.filter((one) => names.has(one)),
        ];
        expect(shown(query)).to.deep.equal(wanted);
      }),
    );
  });

  it('reads or refuses whatever comes, in time that grows with its length only', () => {
    const part = fc.constantFrom('id', 'status', ',', '[', ']', ' ', '*', ';', '"', '\0', 'é', '\ud800');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const names = shown(parts.join(''));
        if (names) expect([...usual, ...asked]).to.include.members(names);
      }),
    );
    expect(shown(`${'id['.repeat(200_000)}id`)).to.deep.equal(['id']);
    expect(shown(`id,${' '.repeat(1_000_000)}`)).to.equal(undefined);
  });
});

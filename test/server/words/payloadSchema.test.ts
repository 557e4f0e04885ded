import { expect } from 'chai';
import { payloadProblem, schemaProblem } from '../../../server/words/payloadSchema.ts';

const object = { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } };

describe('a payload schema', () => {
  const cases: [schema: Record<string, unknown>, value: unknown, problem: string | undefined][] = [
    [object, {}, '$.a is required'],
    [object, { a: 1.5 }, '$.a must be integer'],
    [object, { a: 1, b: 'x' }, undefined],
    [object, [], '$ must be object'],
    [{}, 'anything', undefined],
    [{ type: ['string', 'null'] }, null, undefined],
    [{ type: ['string', 'null'] }, 1, '$ must be string or null'],
    [{ type: 'array', items: { type: 'number' } }, [1, 'x'], '$[1] must be number'],
    [{ properties: { a: object } }, { a: { a: 'x' } }, '$.a.a must be integer'],
    [{ enum: ['x', { b: 1, a: 2 }] }, { a: 2, b: 1 }, undefined],
    [{ enum: ['x', 1] }, 'y', '$ must be one of "x", 1'],
    [{ ...object, additionalProperties: false }, { a: 1, b: 2 }, '$.b is not allowed'],
    [{ additionalProperties: { type: 'string' } }, { b: 2 }, '$.b must be string'],
    [{ minLength: 2 }, '🙂', '$ must have at least 2 characters'],
    [{ maxLength: 2 }, '🙂🙂', undefined],
    [{ minimum: 1, maximum: 3 }, 4, '$ must be at most 3'],
    [{ minimum: 1 }, 0, '$ must be at least 1'],
    [{ maxItems: 1 }, [1, 2], '$ must have at most 1 items'],
    // What an object inherits is not in it.
    [{ required: ['toString'] }, {}, '$.toString is required'],
    [
      { properties: { a: {} }, additionalProperties: false },
      JSON.parse('{"__proto__":1}'),
      '$.__proto__ is not allowed',
    ],
  ];
  for (const [schema, value, problem] of cases)
    it(`${JSON.stringify(schema)} of ${JSON.stringify(value)}: ${problem ?? 'fits'}`, () => {
      expect(schemaProblem(schema)).to.equal(undefined);
      expect(payloadProblem(schema, value)).to.equal(problem);
    });

  const unusable: [unknown, string][] = [
    [[], '$ must be a schema'],
    [{ type: 'text' }, '$: type must be one of'],
    [{ type: [] }, '$: type must be one of'],
    [{ required: 'a' }, '$: required must be a list of names'],
    [{ properties: [] }, '$: properties must be an object'],
    [{ properties: { a: { minimum: '1' } } }, '$.a: minimum must be a number'],
    [{ items: { maxLength: -1 } }, '$.items: maxLength must be a whole number'],
    [{ enum: [] }, '$: enum must be a list of values'],
    [{ enum: ['x'.repeat(70_000)] }, 'the schema is longer than'],
    [JSON.parse('{"items":'.repeat(60) + '{}' + '}'.repeat(60)), 'nested too deeply (max 50 levels)'],
    [JSON.parse('{"enum":['.repeat(20_000) + ']}'.repeat(20_000)), 'nested too deeply'],
  ];
  for (const [schema, problem] of unusable)
    it(`cannot be used: ${problem}`, () => expect(schemaProblem(schema)).to.contain(problem));

  it('ignores words that it does not know', () => {
    const schema = { $schema: 'x', title: 'y', pattern: '(a+)+$', oneOf: 1 };
    expect(schemaProblem(schema)).to.equal(undefined);
    expect(payloadProblem(schema, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')).to.equal(undefined);
  });
});

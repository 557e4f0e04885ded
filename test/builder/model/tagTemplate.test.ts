import { expect } from 'chai';
import fc from 'fast-check';
import { BuildFault } from '../../../builder/model/faults.ts';
import { renderTag, type TagFacts, tagTemplateProblem } from '../../../builder/model/tagTemplate.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
// Local time: a Thursday, five past midnight, day 60 of a leap year.
const now = new Date(2024, 1, 29, 0, 5, 9, 70);
const known: TagFacts = { commit, branch: 'feature/x', tag: 'v1.2-3-g0123456', now };
const validTag = /^\w[\w.-]{0,127}$/;

describe('tagTemplate', () => {
  const rendered: [template: string, tag: string][] = [
    ['latest', 'latest'],
    ['{{ sha }}', commit],
    ['{{sha}}', commit],
    ['{{ branch }}', 'feature-x'],
    ['app-{{ tag }}', 'app-v1.2-3-g0123456'],
    ['{{- tag -}}', 'v1.2-3-g0123456'],
    ['v {{- tag -}} x', 'vv1.2-3-g0123456x'],
    ['x{{tag}}y{{branch}}z', 'xv1.2-3-g0123456yfeature-xz'],
    ['daily-{{ date "2006-01-02" }}', 'daily-2024-02-29'],
    ['{{ date `20060102150405` }}', '20240229000509'],
    ['{{ date "06.1.2-3PM" }}', '24.2.29-12AM'],
    ['{{ date "Monday.Mon.January.Jan.002.03.4.5.pm.000" }}', 'Thursday.Thu.February.Feb.060.12.5.9.am.070'],
    ['{{ date "_2006" }}', '_2024'],
    ['git:branch', 'feature-x'],
    ['git:rev', commit],
    ['git:sha', commit],
    ['git:short', 'v1.2-3-g0123456'],
    ['git:tag', 'v1.2-3-g0123456'],
  ];
  for (const [template, tag] of rendered)
    it(`renders ${template}`, () => {
      expect(tagTemplateProblem(template)).to.equal(undefined);
      expect(renderTag(template, known)).to.equal(tag);
    });

  it('takes the short commit where no tag is known, as git describe does', () => {
    for (const template of ['{{ tag }}', 'git:short'])
      expect(renderTag(template, { commit, now })).to.equal('0123456');
  });

  const refused: [template: string, problem: RegExp][] = [
    ['', /must not be empty/],
    ['a b', /only letters/],
    ['-x', /must not begin with/],
    ['.x', /must not begin with/],
    ['v:1', /only letters/],
    ['a'.repeat(129), /at most 128/],
    ['git:foo', /old words git:branch/],
    ['v-git:sha', /only letters/],
    ['constructor:x', /only letters/],
    ['{{ brunch }}', /unknown macro "brunch".*did you mean branch\?/],
    ['{{ .Branch }}', /unknown macro "\.Branch"/],
    ['{{ }}', /unknown macro ""/],
    ['{{ sha', /not closed/],
    ['sha }}', /not closed/],
    ['{{ sha | printf "%.7s" }}', /pipes or brackets/],
    ['{{ date }}', /a date is written \{\{ date "2006-01-02" \}\}/],
    ['{{ date 2006 }}', /a date is written/],
    ['{{ date "YYYY-MM-DD" }}', /layout "YYYY-MM-DD" has nothing of the time/],
    ['{{ date "15:04" }}', /layout "15:04" may have only letters/],
    ['{{ date "2006-01-02T15.04.05Z0700" }}', /has "Z0700"/],
    ['{{ date "Jan_2" }}', /has "_2"/],
    ['{{ date "MST" }}', /has "MST"/],
  ];
  for (const [template, problem] of refused)
    it(`refuses ${template.slice(0, 40)}`, () => {
      expect(tagTemplateProblem(template)).to.match(problem);
      expect(() => renderTag(template, known)).to.throw(BuildFault, problem);
    });

  it('names the macro whose value is not known', () => {
    for (const [template, macro] of [
      ['{{ branch }}', 'branch'],
      ['x-{{ sha }}', 'sha'],
      ['git:tag', 'tag'],
    ] as const)
      try {
        renderTag(template, { now, branch: '' });
        expect.fail(`${template} was rendered`);
      } catch (error) {
        expect(error).to.be.instanceOf(BuildFault).with.property('reason', 'bobfile_invalid');
        expect(error).to.have.property('message').that.contains(`{{ ${macro} }}`);
      }
  });

  it('gives a valid tag for whatever a branch is called', () => {
    const branch = fc.oneof(
      fc.string({ minLength: 1, unit: 'binary' }),
      fc.string({ minLength: 100, maxLength: 300 }),
    );
    fc.assert(
      fc.property(
        branch,
        fc.constantFrom('{{ branch }}', 'git:branch', 'a-{{branch}}-{{date "2006"}}'),
        (name, template) => {
          expect(renderTag(template, { branch: name, now })).to.match(validTag);
        },
      ),
    );
  });

  it('gives a valid tag for each template without problems', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      ' ',
      '-',
      'sha',
      'branch',
      'tag',
      'date',
      '"2006-01"',
      '`Jan_2`',
      'git:',
      'v',
      '.',
      '|',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const template = pieces.join('');
        if (tagTemplateProblem(template) === undefined) expect(renderTag(template, known)).to.match(validTag);
        else expect(() => renderTag(template, known)).to.throw(BuildFault);
      }),
      { numRuns: 1000 },
    );
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { isSafeRef, parseGitRef } from '../../../builder/model/gitRef.ts';
import {
  checkSourceUrl,
  fillSourceTemplate,
  parseSourceUrl,
  submoduleUrl,
  templateServer,
} from '../../../builder/model/sourceUrl.ts';
import { treePath } from '../../../builder/model/treePath.ts';

describe('the address of a source', () => {
  it('has one normal form', () => {
    expect(parseSourceUrl('HTTPS://GitHub.com:443/Acme/App.git/')).to.deep.equal({
      scheme: 'https',
      host: 'github.com',
      origin: 'https://github.com',
      path: '/Acme/App.git',
      url: 'https://github.com/Acme/App.git',
    });
    expect(parseSourceUrl('http://[::1]:3000/a/b').host).to.equal('[::1]:3000');
    expect(parseSourceUrl('ssh://git@host:2222/a/b.git').url).to.equal('ssh://git@host:2222/a/b.git');
    expect(parseSourceUrl('https://host/a%2e%2e/b%20c').url).to.equal('https://host/a%2e%2e/b%20c');
  });

  it('has no host that programs read differently', () => {
    for (const host of ['80', '127.1', '0x7f.0.0.1', '2130706433', '127.0.0.1.', '1.2.3.4.5', 'a.0x1'])
      expect(() => parseSourceUrl(`http://${host}/a/b`), host).to.throw();
    for (const host of ['127.0.0.1', '10.0.0.1:8080', '1a.example', '0xa.example'])
      expect(parseSourceUrl(`http://${host}/a/b`).host).to.equal(host);
  });

  it('is allowed by scheme, host and port together', () => {
    const allowed = [{ scheme: 'https', host: 'git.example:8443' }] as const;
    expect(checkSourceUrl('https://git.example:8443/a/b.git', allowed).path).to.equal('/a/b.git');
    for (const url of [
      'http://git.example:8443/a/b.git',
      'https://git.example/a/b.git',
      'https://xgit.example:8443/a/b.git',
      'https://git.example:8443.evil.example/a/b.git',
      'https://git.example:8443@evil.example/a/b.git',
      'https://evil.example/https://git.example:8443/a/b.git',
    ]) {
      expect(() => checkSourceUrl(url, allowed), url).to.throw();
    }
  });

  it('speaks of the same host to us and to a reader of URLs, whatever is accepted', () => {
    const piece = fc.constantFrom(
      'http://',
      'https://',
      'host',
      'evil.example',
      '@',
      ':',
      '/',
      '\\',
      '#',
      '?',
      '80',
      '.',
      '..',
      '%40',
      'a',
      '\t',
      '[',
      ']',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        const text = `http://${pieces.join('')}`;
        let ours: string;
        try {
          ours = parseSourceUrl(text).host;
        } catch {
          return;
        }
        if (URL.canParse(text)) expect(new URL(text).host, text).to.equal(ours);
      }),
      { numRuns: 2000 },
    );
  });

  it('is filled in from a template with plain names only', () => {
    const template = 'https://github.com/{account}/{repo}.git';
    expect(fillSourceTemplate(template, { account: 'acme', repo: 'app.js' })).to.equal(
      'https://github.com/acme/app.js.git',
    );
    expect(fillSourceTemplate(template, { account: 'group/sub', repo: '_x' })).to.equal(
      'https://github.com/group/sub/_x.git',
    );
    expect(fillSourceTemplate(template, { account: 'a', repo: 'b$&{account}'.slice(0, 1) })).to.equal(
      'https://github.com/a/b.git',
    );
    for (const bad of [
      '',
      '.',
      '..',
      'a..b',
      '-a',
      '.a',
      'a/../b',
      'a//b',
      '/a',
      'a/',
      'a b',
      'a%2fb',
      'a\n',
      'ä',
      '{repo}',
      'a@b',
      'a:b',
      'a?b',
      'x'.repeat(256),
    ]) {
      expect(() => fillSourceTemplate(template, { account: bad, repo: 'x' }), bad).to.throw('account');
      expect(() => fillSourceTemplate(template, { account: 'x', repo: bad }), bad).to.throw('repo');
    }
    expect(() => fillSourceTemplate(template, { account: 'a', repo: 'b/c' })).to.throw('repo');
  });

  it('allows the server of its template', () => {
    expect(templateServer('http://127.0.0.1:8080/{account}/{repo}.git')).to.deep.equal({
      scheme: 'http',
      host: '127.0.0.1:8080',
    });
    for (const bad of [
      'https://{account}.example/{repo}',
      '/srv/{account}/{repo}',
      'file:///{account}/{repo}',
      'https://u:p@h/{repo}',
    ]) {
      expect(() => templateServer(bad), bad).to.throw();
    }
  });

  it('of a submodule can be relative to that of its repository', () => {
    const parent = parseSourceUrl('https://host:1/a/b.git');
    expect(submoduleUrl(parent, '../c.git')).to.equal('https://host:1/a/c.git');
    expect(submoduleUrl(parent, './../../x/c.git')).to.equal('https://host:1/x/c.git');
    expect(submoduleUrl(parent, 'https://other/x')).to.equal('https://other/x');
    expect(() => submoduleUrl(parent, '../../../c.git')).to.throw();
  });
});

describe('a ref', () => {
  it('says what it means', () => {
    expect(parseGitRef('ABCDEF0123'.repeat(4))).to.deep.equal({ kind: 'commit', id: 'abcdef0123'.repeat(4) });
    expect(parseGitRef('abc1')).to.deep.equal({ kind: 'name', name: 'abc1', short: true });
    expect(parseGitRef('feature/x')).to.deep.equal({ kind: 'name', name: 'feature/x', short: false });
    expect(parseGitRef('refs/heads/a/b')).to.deep.equal({
      kind: 'branch',
      name: 'a/b',
      ref: 'refs/heads/a/b',
    });
    expect(parseGitRef('refs/tags/v1')).to.deep.equal({ kind: 'tag', name: 'v1', ref: 'refs/tags/v1' });
    expect(parseGitRef('refs/pull/3/head')).to.deep.equal({ kind: 'other', ref: 'refs/pull/3/head' });
  });

  it('is never one that git refuses or could take for an option', () => {
    const piece = fc.constantFrom(
      'a',
      'B',
      '1',
      '/',
      '.',
      '..',
      '-',
      '@',
      '{',
      '@{',
      '.lock',
      '~',
      '^',
      ':',
      '?',
      '*',
      '[',
      '\\',
      ' ',
      '\n',
      '\u007f',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), (pieces) => {
        const text = pieces.join('');
        const accepted = spawnSync('git', ['check-ref-format', `refs/heads/${text}`]).status === 0;
        expect(isSafeRef(text), text).to.equal(accepted && !text.startsWith('-') && text !== '@');
      }),
      { numRuns: 100 },
    );
  });
});

describe('a path inside a tree', () => {
  it('never leads out of it', () => {
    expect(treePath('./a//b/')).to.equal('a/b');
    expect(treePath('/')).to.equal('');
    for (const bad of ['..', 'a/../b', 'a\0', '.git', 'a/.GIT/config'])
      expect(treePath(bad), bad).to.equal(undefined);
  });
});

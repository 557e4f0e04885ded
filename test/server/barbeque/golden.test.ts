import { expect } from 'chai';
import { etagOf, serialise } from '../../../server/doors/barbeque/answer.ts';
import { executionBody, unknownExecution } from '../../../server/doors/barbeque/execution.ts';
import { parseFields } from '../../../server/doors/barbeque/fields.ts';
import type { ExecutionStatus } from '../../../server/doors/barbeque/status.ts';

interface Documented {
  messageId: string;
  status?: ExecutionStatus;
  id: number | null;
  fields?: string;
  message?: string;
  length: number;
  etag: string;
}

/** Every answer of the interface's documents that has an ETag. */
const documented: Documented[] = [
  {
    messageId: '15aca944-317a-41e0-b516-11b521b112bc',
    id: 676,
    length: 81,
    etag: 'acc93d8f520e4573bb3d45e21e012e61',
  },
  {
    messageId: '2dd71a56-4739-4fcc-9e0b-84ff54aca52a',
    id: 677,
    fields: '__default__,html_url',
    length: 169,
    etag: '974f9e490c2546d3eae7c2a472c9a807',
  },
  {
    messageId: '7a21b14d-64d2-42ad-a482-00088f48aa47',
    status: 'pending',
    id: null,
    length: 82,
    etag: 'f0b0641b47334a8d8a7aca05c315bc9f',
  },
  {
    messageId: 'a05ba839-aaab-4aeb-9bb6-fa7af3d870a9',
    id: 305,
    length: 81,
    etag: 'a6c4db4cdaf2feeb7f02f7842c36a2e2',
  },
  {
    messageId: 'd8f3aca9-eb94-42f1-88be-c5c1372c98f1',
    id: 306,
    fields: '__default__,html_url',
    length: 169,
    etag: 'ed43007e8be846b3ae14a156b436f74c',
  },
  {
    messageId: 'd369e2ab-7795-4583-b395-9b1011ba92eb',
    id: 307,
    fields: '__default__,message',
    message: '{\n  "recipe_id": 12345\n}',
    length: 111,
    etag: 'a7ab894eb65c3315a838124226eb3975',
  },
  {
    messageId: 'ac34af9b-f26a-4674-983d-69ddb29451e6',
    status: 'pending',
    id: null,
    length: 82,
    etag: '35bd09a003bb4f7fb8b0e2b755fb76b0',
  },
  {
    messageId: '44ac17fa-6df7-4af9-9e1b-670b1d585b0e',
    status: 'pending',
    id: null,
    length: 82,
    etag: 'b369de6c5fcf19825ef21650cc312f49',
  },
];

describe('the body of an execution', () => {
  for (const { messageId, status = 'success', id, fields, message = null, length, etag } of documented)
    it(`is byte for byte that of the documents: ${messageId}`, async () => {
      const body = await executionBody({ messageId, status, id }, parseFields(fields ?? ''), {
        htmlUrl: () => `http://www.example.com/job_executions/${messageId}`,
        message: async () => message,
      });
      expect(Buffer.byteLength(body), body).to.equal(length);
      expect(etagOf(body)).to.equal(`W/"${etag}"`);
    });

  it('has nulls in place of what an execution does not have', async () => {
    const execution = {
      messageId: '15aca944-317a-41e0-b516-11b521b112bc',
      status: 'pending',
      id: null,
    } as const;
    const body = await executionBody(execution, parseFields('html_url,message'), unknownExecution);
    expect(body).to.equal('{"html_url":null,"message":null}');
  });

  it('shows a message as it was sent, without white space and without what could end a script', async () => {
    const message = '{ "a" : [1, 2.50 , 12345678901234567890], "b <&>" : "</script> \\" \u2028" }';
    const body = await executionBody({ messageId: 'x', status: 'success', id: 1 }, parseFields('message'), {
      htmlUrl: () => null,
      message: async () => message,
    });
    expect(body).to.equal(
      '{"message":{"a":[1,2.50,12345678901234567890],"b \\u003c\\u0026\\u003e":"\\u003c/script\\u003e \\" \\u2028"}}',
    );
  });

  it('is as long as documented where the store is down', () => {
    const message =
      "Mysql2::Error::ConnectionError: Can't connect to MySQL server: SELECT  `barbeque_job_executions`.* FROM `barbeque_job_executions` WHERE `barbeque_job_executions`.`message_id` = 'b46e9fd7-e2dd-461b-9476-1bb37e643644' LIMIT 1";
    expect(Buffer.byteLength(serialise({ message }))).to.equal(237);
  });
});

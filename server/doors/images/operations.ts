import { linkHeader, paging } from '../../http/lists.ts';
import type { OperationGroup } from '../../http/operation.ts';
import { image, imageList, imagesQuery, provenance } from './schemas.ts';

/** What completed builds made. */
export const imageOperations: OperationGroup = {
  tag: 'Images',
  description: 'What completed builds made.',
  operations: {
    'get /images': {
      id: 'listImages',
      summary: 'List images',
      description: 'Filters hold together.',
      query: imagesQuery.extend(paging.shape),
      answers: { 200: { description: 'Newest first.', schema: imageList, headers: linkHeader } },
    },
    'get /images/:image': {
      id: 'getImage',
      summary: 'Show an image',
      description: 'Of several of one id or digest the newest.',
      answers: { 200: { description: 'With its layers, steps and labels.', schema: image } },
    },
    'get /images/:image/provenance': {
      id: 'getImageProvenance',
      summary: 'The build record of an image',
      answers: { 200: { description: 'Who made it of what.', schema: provenance } },
    },
  },
};

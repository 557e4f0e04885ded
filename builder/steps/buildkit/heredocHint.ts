import { parseInstructions } from '../../model/dockerfile/instructions.ts';
import { BuildFault } from '../../model/faults.ts';

/** An engine of 20.10 takes the text of a heredoc for instructions, and says nothing of heredocs: then the fault does. */
export function withHeredocHint(fault: BuildFault, dockerfile: string): BuildFault {
  const line = Number(/parse error (?:on )?line (\d+): unknown instruction/.exec(fault.message)?.[1]);
  if (fault.reason !== 'dockerfile_invalid' || !isInHeredoc(dockerfile, line)) return fault;
  const hint = `line ${line} is in a heredoc, which this engine does not know: begin the Dockerfile with "# syntax=docker/dockerfile:1", or use an engine of version 23 or newer`;
  return new BuildFault(fault.reason, `${fault.message}; ${hint}`);
}

function isInHeredoc(dockerfile: string, line: number): boolean {
  const { list } = parseInstructions(dockerfile);
  const at = list.findLastIndex((one) => one.line <= line);
  const owner = list[at];
  return owner?.hasHeredoc === true && owner.line < line;
}

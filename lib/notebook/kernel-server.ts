import { existsSync } from 'node:fs';
import { ZmqServer } from 'tslab/dist/jupyter.js';
import { UserError } from '../core/errors';
import { Kernel } from './kernel';

type Socket = Parameters<ZmqServer['handleShellMessage']>[0];
type Message = Parameters<ZmqServer['handleExecute']>[1];

/** How long tslab drops cells after one that failed. */
const queueResetMilliseconds = 200;

/**
 * Serves a kernel to Jupyter from this process until it is shut down. Jupyter interrupts with SIGINT.
 * @param connectionFile Jupyter's file with the ports.
 * @throws UserError where that file is missing.
 */
export async function serveKernel(connectionFile: string): Promise<void> {
  if (!existsSync(connectionFile)) {
    throw new UserError(
      `There is no connection file ${connectionFile}: Jupyter writes it when it starts the kernel. ` +
        'Install the kernel with mnn kernel install and choose it in Jupyter.',
    );
  }
  const kernel = new Kernel();
  process.on('SIGINT', kernel.interrupt);
  await new KernelServer(kernel, connectionFile).init();
}

/** tslab's server, with errors as messages of their own: tslab prints them, which no frontend takes for one. */
class KernelServer extends ZmqServer {
  private readonly executing = new Set<Message>();

  constructor(
    private readonly kernel: Kernel,
    connectionFile: string,
  ) {
    super(kernel.handler, connectionFile);
  }

  override async handleExecute(socket: Socket, request: Message): Promise<void> {
    this.executing.add(request);
    try {
      await this.execute(socket, request);
    } finally {
      this.executing.delete(request);
    }
  }

  /** What is answered while a cell runs ends with `idle`, and frontends would take the kernel for idle. */
  override publishStatus(status: string, parent: Message): void {
    super.publishStatus(status, parent);
    const [cell] = this.executing;
    if (status === 'idle' && cell) super.publishStatus('busy', cell);
  }

  private async execute(socket: Socket, request: Message): Promise<void> {
    const { status, executionCount, error } = await this.kernel.run(
      (request.content as { code: string }).code,
      {
        stream: (name, text) => this.publish(request, 'stream', { name, text }),
        display: (data, update) =>
          this.publish(request, update ? 'update_display_data' : 'display_data', { ...data }),
      },
    );
    const told = error && { ename: error.ename, evalue: error.evalue, traceback: error.traceback };
    if (told) {
      this.publish(request, 'error', told);
      // What waits behind a failed cell is dropped for so long, and what follows the reply must not be.
      await new Promise((resolve) => setTimeout(resolve, queueResetMilliseconds));
    }
    this.send(socket, request, 'execute_reply', { status, execution_count: executionCount, ...told });
  }

  /** Tensors, threads and timers of the cells would keep the process alive. */
  override close(): void {
    super.close();
    setTimeout(() => process.exit(0), 100);
  }

  private publish(request: Message, type: string, content: Record<string, unknown>): void {
    this.send(this.iopub, request, type, content);
  }

  private send(
    socket: Socket | ZmqServer['iopub'],
    request: Message,
    type: string,
    content: Record<string, unknown>,
  ): void {
    const message = request.createReply();
    message.header.msg_type = type;
    message.content = content;
    message.signAndSend(this.connInfo.key, socket);
  }
}

import { Root, type Type } from 'protobufjs/light';

/** An event of TensorFlow's event.proto. */
export interface Event {
  wall_time: number;
  step?: number;
  file_version?: string;
  summary?: { value: SummaryValue[] };
}

export interface SummaryValue {
  tag: string;
  simple_value?: number;
  metadata?: object;
  tensor?: object;
}

/** A field of a message: its type and its number. */
const one = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number) => ({ rule: 'repeated', type, id });

/** The part of event.proto, summary.proto and tensor.proto of github.com/tensorflow/tensorflow that scalars need. */
const events = {
  Event: {
    oneofs: { what: { oneof: ['file_version', 'summary'] } },
    fields: {
      wall_time: one('double', 1),
      step: one('int64', 2),
      file_version: one('string', 3),
      summary: one('Summary', 5),
    },
  },
  Summary: { fields: { value: many('Value', 1) } },
  Value: {
    oneofs: { value: { oneof: ['simple_value', 'tensor'] } },
    fields: {
      tag: one('string', 1),
      simple_value: one('float', 2),
      tensor: one('TensorProto', 8),
      metadata: one('SummaryMetadata', 9),
    },
  },
  SummaryMetadata: { fields: { plugin_data: one('PluginData', 1) } },
  PluginData: { fields: { plugin_name: one('string', 1), content: one('bytes', 2) } },
  TensorProto: { fields: { dtype: one('int32', 1), tensor_shape: one('TensorShapeProto', 2) } },
  TensorShapeProto: { fields: { dim: many('Dim', 2) } },
  Dim: { fields: { size: one('int64', 1) } },
};

/** The part of plugins/hparams/plugin_data.proto and api.proto of github.com/tensorflow/tensorboard. */
const hparams = {
  HParamsPluginData: {
    oneofs: { data: { oneof: ['experiment', 'session_start_info', 'session_end_info'] } },
    fields: {
      version: one('int32', 1),
      experiment: one('Experiment', 2),
      session_start_info: one('SessionStartInfo', 3),
      session_end_info: one('SessionEndInfo', 4),
    },
  },
  Experiment: { fields: { metric_infos: many('MetricInfo', 5) } },
  MetricInfo: { fields: { name: one('MetricName', 1) } },
  MetricName: { fields: { group: one('string', 1), tag: one('string', 2) } },
  SessionStartInfo: {
    fields: {
      hparams: { keyType: 'string', type: 'Value', id: 1 },
      group_name: one('string', 4),
      start_time_secs: one('double', 5),
    },
  },
  SessionEndInfo: { fields: { status: one('int32', 1), end_time_secs: one('double', 2) } },
  // google.protobuf.Value
  Value: {
    oneofs: { kind: { oneof: ['number_value', 'string_value', 'bool_value'] } },
    fields: {
      number_value: one('double', 2),
      string_value: one('string', 3),
      bool_value: one('bool', 4),
    },
  },
};

const root = (nested: object) =>
  Root.fromJSON({ nested: nested as Record<string, { fields: object }> } as never);
let roots: { event: Type; hparams: Type } | undefined;

function messages(): { event: Type; hparams: Type } {
  roots ??= {
    event: root(events).lookupType('Event'),
    hparams: root(hparams).lookupType('HParamsPluginData'),
  };
  return roots;
}

export const eventMessage = (): Type => messages().event;
export const hparamsMessage = (): Type => messages().hparams;

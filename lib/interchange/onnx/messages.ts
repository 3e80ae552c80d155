import { Root, type Type } from 'protobufjs/light';

/** A field of a message: its type and its number in onnx.proto3 of github.com/onnx/onnx. */
const one = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number) => ({ rule: 'repeated', type, id });

/** The part of ONNX's messages that a convolutional network needs. */
const messages = {
  ModelProto: {
    ir_version: one('int64', 1),
    producer_name: one('string', 2),
    graph: one('GraphProto', 7),
    opset_import: many('OperatorSetIdProto', 8),
    metadata_props: many('StringStringEntryProto', 14),
  },
  OperatorSetIdProto: { version: one('int64', 2) },
  StringStringEntryProto: { key: one('string', 1), value: one('string', 2) },
  GraphProto: {
    node: many('NodeProto', 1),
    name: one('string', 2),
    initializer: many('TensorProto', 5),
    input: many('ValueInfoProto', 11),
    output: many('ValueInfoProto', 12),
  },
  NodeProto: {
    input: many('string', 1),
    output: many('string', 2),
    name: one('string', 3),
    op_type: one('string', 4),
    attribute: many('AttributeProto', 5),
  },
  AttributeProto: {
    name: one('string', 1),
    f: one('float', 2),
    i: one('int64', 3),
    ints: many('int64', 8),
    type: one('int32', 20),
  },
  TensorProto: {
    dims: many('int64', 1),
    data_type: one('int32', 2),
    name: one('string', 8),
    raw_data: one('bytes', 9),
  },
  ValueInfoProto: { name: one('string', 1), type: one('TypeProto', 2) },
  TypeProto: { tensor_type: one('TensorTypeProto', 1) },
  TensorTypeProto: { elem_type: one('int32', 1), shape: one('TensorShapeProto', 2) },
  TensorShapeProto: { dim: many('DimensionProto', 1) },
  DimensionProto: { dim_value: one('int64', 1), dim_param: one('string', 2) },
};

/** The message that a file of ONNX's is. Fields keep the names that ONNX gives them. */
export function modelMessage(): Type {
  const nested = Object.fromEntries(Object.entries(messages).map(([name, fields]) => [name, { fields }]));
  return Root.fromJSON({ nested }).lookupType('ModelProto');
}

export {
  keepProof,
  type Outcome,
  type Proof,
  type Provable,
  type ProveOptions,
  proofOf,
  prove,
} from './proof';

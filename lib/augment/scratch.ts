/**
 * A buffer that is kept from call to call and grows when asked for more, so that augmenting an image
 * allocates nothing. Its content is whatever the last user left.
 */
export function reusableBytes(): (length: number) => Uint8Array {
  let buffer = new Uint8Array(0);
  return (length) => {
    if (buffer.length < length) buffer = new Uint8Array(length);
    return buffer;
  };
}

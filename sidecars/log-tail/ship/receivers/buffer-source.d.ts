/** A name of the DOM's that the declarations of @msgpack/msgpack use without bringing it. */
type BufferSource = ArrayBufferView | ArrayBuffer;

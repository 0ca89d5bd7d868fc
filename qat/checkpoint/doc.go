// Package checkpoint reads and writes safetensors files, in which the weights, quantizer
// parameters and optimiser state of a training run are kept.
//
// The format is an 8-byte little-endian header length, a JSON header and the raw little-endian
// data. The header maps each tensor's name to its type, shape and place in the data, and
// "__metadata__" to a map of strings. The tensors cover the data without gap or overlap.
// Source: github.com/huggingface/safetensors, "Format".
//
// What is written depends on nothing but the contents: tensors stand in order of their names, and
// the header has one fixed form, padded so that the data begin at a multiple of 8 bytes. The
// metadata carry a CRC-32C over names, types, shapes, metadata and data, which is verified when a
// file that has it is read. Files of other writers are read too, without that check.
//
// A file is replaced as a whole or not at all: it is written under a temporary name, synced,
// renamed, and its folder synced. A full disk or a crash leaves the old file.
package checkpoint

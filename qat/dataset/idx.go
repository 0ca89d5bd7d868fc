package dataset

import (
	"encoding/binary"
	"fmt"
	"io"
)

// The IDX format (LeCun, Cortes and Burges, the MNIST database): a magic number of four bytes
// (0, 0, type, number of dimensions), the dimensions as big-endian 32-bit numbers, then the data,
// last dimension fastest. Type 8 is an unsigned byte.
const (
	labelMagic = "\x00\x00\x08\x01" // n labels
	imageMagic = "\x00\x00\x08\x03" // n images of height x width grey values
	// colourMagic has a fourth dimension: the channels of a pixel, side by side.
	colourMagic = "\x00\x00\x08\x04"
)

// What a header may announce. A set beyond these is not what this program trains on; the bounds
// keep sizes far from overflow.
const (
	maxCount = 10_000_000
	maxSide  = 4096
	maxTotal = 4 << 30 // bytes of one file
)

// header is what stands before the data of an IDX file. Labels have the shape 1 x 1 x 1.
type header struct {
	count int
	shape Shape
}

// total returns the bytes of data that the header announces.
func (h header) total() int64 { return int64(h.count) * int64(h.shape.Len()) }

// idxError says what is wrong with an IDX file, in words that follow the file's name.
type idxError struct{ text string }

func (e *idxError) Error() string { return e.text }

func damaged(format string, args ...any) error { return &idxError{fmt.Sprintf(format, args...)} }

// readHeader reads the header of a file with the given magic number. Where images are wanted,
// colour images are accepted too.
func readHeader(r io.Reader, magic string) (header, error) {
	var first [4]byte
	if err := fill(r, first[:]); err != nil {
		return header{}, err
	}
	got := string(first[:])
	if got != magic && !(magic == imageMagic && got == colourMagic) {
		return header{}, damaged("has the magic number %#x, want %#x: it is not the IDX file that its name promises", got, magic)
	}
	dims := make([]int, first[3])
	for i := range dims {
		var number [4]byte
		if err := fill(r, number[:]); err != nil {
			return header{}, err
		}
		dims[i] = int(binary.BigEndian.Uint32(number[:]))
	}
	h := header{count: dims[0], shape: Shape{Channels: 1, Height: 1, Width: 1}}
	if len(dims) > 1 {
		h.shape.Height, h.shape.Width = dims[1], dims[2]
	}
	if len(dims) > 3 {
		h.shape.Channels = dims[3]
	}
	if h.count < 1 || h.count > maxCount {
		return header{}, damaged("announces %d elements, want 1 to %d", h.count, maxCount)
	}
	for _, side := range dims[1:] {
		if side < 1 || side > maxSide {
			return header{}, damaged("announces images of %v, want sides of 1 to %d", h.shape, maxSide)
		}
	}
	if h.total() > maxTotal {
		return header{}, damaged("announces %d bytes, want at most %d", h.total(), int64(maxTotal))
	}
	return h, nil
}

// fill reads all of p.
func fill(r io.Reader, p []byte) error {
	if _, err := io.ReadFull(r, p); err == io.EOF || err == io.ErrUnexpectedEOF {
		return damaged("is truncated: it ends within its header: get the file again")
	} else if err != nil {
		return err
	}
	return nil
}

// readIDX reads a whole file. Memory grows with the bytes that arrive, not with what the header
// announces, so a lying header costs nothing.
func readIDX(r io.Reader, magic string) (header, []byte, error) {
	h, err := readHeader(r, magic)
	if err != nil {
		return header{}, nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, h.total()+1))
	switch got := int64(len(data)); {
	case err != nil:
		return header{}, nil, err
	case got < h.total():
		return header{}, nil, damaged("is truncated: it has %d of the %d bytes that its header announces: get the file again", got, h.total())
	case got > h.total():
		return header{}, nil, damaged("goes on after the %d bytes that its header announces: get the file again", h.total())
	}
	return h, data, nil
}

package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
)

// folder reads the IDX files of one set, plain or compressed.
type folder struct {
	name string // of the set, for errors
	fsys fs.FS
	sums map[string]string // SHA-256 of the files as they are stored, by actual name
	// actual gives the name under which each file is stored.
	actual map[string]string
}

// fault words an error about one file; format continues a sentence that its name begins.
func (f *folder) fault(file, format string, args ...any) error {
	if actual, ok := f.actual[file]; ok {
		file = actual
	}
	return fmt.Errorf("data set %s: %s %s", f.name, file, fmt.Sprintf(format, args...))
}

// find looks for every file, as named or with ".gz". All that are missing are named together.
func (f *folder) find(files ...string) error {
	f.actual = map[string]string{}
	var missing []string
	for _, file := range files {
		for _, name := range []string{file, file + ".gz"} {
			if info, err := fs.Stat(f.fsys, name); err == nil && !info.IsDir() {
				f.actual[file] = name
				break
			}
		}
		if f.actual[file] == "" {
			missing = append(missing, file)
		}
	}
	if missing != nil {
		return fmt.Errorf("data set %s lacks %s: a data set folder has the four files %s, each plain or with .gz",
			f.name, strings.Join(missing, ", "), strings.Join(files, ", "))
	}
	return nil
}

// pair reads the labels and the header of the images. The images themselves are decoded at the
// first call of the pair's decode.
func (f *folder) pair(images, labels string) (*pair, Shape, error) {
	labelHeader, labelData, err := f.read(labels, labelMagic)
	if err != nil {
		return nil, Shape{}, err
	}
	header, err := f.peek(images)
	if err != nil {
		return nil, Shape{}, err
	}
	if header.count != labelHeader.count {
		return nil, Shape{}, f.fault(images, "has %d images, but %s has %d labels: use files of one data set",
			header.count, f.actual[labels], labelHeader.count)
	}
	decode := sync.OnceValues(func() ([]byte, error) {
		again, data, err := f.read(images, imageMagic)
		if err == nil && again != header {
			err = f.fault(images, "changed while it was in use: leave the folder alone during a run")
		}
		return data, err
	})
	return &pair{labels: labelData, decode: decode}, header.shape, nil
}

// peek reads the header of an image file.
func (f *folder) peek(file string) (header, error) {
	var h header
	err := f.stream(file, f.fsys.Open, func(r io.Reader) error {
		var err error
		h, err = readHeader(r, imageMagic)
		return err
	})
	return h, err
}

// read reads a whole file, and compares its checksum where there is one.
func (f *folder) read(file, magic string) (header, []byte, error) {
	var h header
	var data []byte
	err := f.stream(file, f.checked, func(r io.Reader) error {
		var err error
		h, data, err = readIDX(r, magic)
		return err
	})
	return h, data, err
}

// stream hands the decompressed content of a file to use. Whether a file is compressed is seen
// from its first bytes, not from its name.
func (f *folder) stream(file string, open func(name string) (fs.File, error), use func(io.Reader) error) error {
	stored, err := open(f.actual[file])
	switch {
	case errors.Is(err, errChecksum):
		return f.fault(file, "is not the published file, its SHA-256 differs: build the program from an unchanged checkout")
	case err != nil:
		return f.fault(file, "cannot be read: %v: check the file and its permissions", reason(err))
	}
	defer stored.Close()
	buffered := bufio.NewReader(stored)
	var content io.Reader = buffered
	if first, _ := buffered.Peek(2); bytes.Equal(first, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return f.fault(file, "is damaged: its gzip header ends early or is wrong: get the file again")
		}
		content = unzipped
	}
	err = use(content)
	var bad *idxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad):
		return f.fault(file, "%s", bad.text)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return f.fault(file, "is damaged: its gzip frame or checksum is wrong: get the file again")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return f.fault(file, "is truncated: get the file again")
	}
	return f.fault(file, "cannot be read: %v: get the file again", reason(err))
}

// checked opens a file after comparing its checksum, where one is known.
func (f *folder) checked(name string) (fs.File, error) {
	if want, known := f.sums[name]; known {
		text, err := fs.ReadFile(f.fsys, name)
		if err != nil {
			return nil, err
		}
		if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != want {
			return nil, errChecksum
		}
	}
	return f.fsys.Open(name)
}

// errChecksum says that a file is not the one that was published.
var errChecksum = errors.New("its SHA-256 is not that of the published file")

// reason strips the path from a file error, since fault names the file.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// The binary version of CIFAR-10 (Krizhevsky, "Learning multiple layers of features from tiny images",
// 2009): records of a label and three planes of 32 x 32 values, red, green and blue, without any header.
const (
	cifarSide   = 32
	cifarPlane  = cifarSide * cifarSide
	cifarRecord = 1 + 3*cifarPlane
	cifarTest   = "test_batch.bin"
	cifarNames  = "batches.meta.txt" // a class per line; may be missing
	cifarCount  = 10
)

var cifarTrain = []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"}

var cifarClasses = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

// isCIFAR reports whether a folder is meant as CIFAR-10: one of its files is there.
func isCIFAR(fsys fs.FS) bool {
	return slices.ContainsFunc(append(slices.Clone(cifarTrain), cifarTest), func(name string) bool {
		_, err := fs.Stat(fsys, name)
		return err == nil
	})
}

// openCIFAR reads a folder of binary batches.
func openCIFAR(name string, fsys fs.FS) (*Set, error) {
	c := &cifar{name: name, fsys: fsys}
	train, err := c.read(cifarTrain...)
	if err != nil {
		return nil, err
	}
	test, err := c.read(cifarTest)
	if err != nil {
		return nil, err
	}
	classes, err := c.classes()
	if err != nil {
		return nil, err
	}
	var seen [cifarCount]bool
	for _, l := range train.labels {
		seen[l] = true
	}
	if k := slices.Index(seen[:], false); k >= 0 {
		return nil, fmt.Errorf("data set %s: the training batches have no image with label %d: use the published files", name, k)
	}
	return &Set{
		Name: name, Classes: classes, Shape: Shape{Channels: 3, Height: cifarSide, Width: cifarSide}, train: train, test: test,
		split: sync.OnceValues(func() (learn, held []int32) {
			return stratify(train.labels, cifarCount, len(train.labels)/heldOneIn)
		}),
	}, nil
}

// cifar reads the files of one folder.
type cifar struct {
	name string
	fsys fs.FS
}

func (c *cifar) fault(file, format string, args ...any) error {
	return fmt.Errorf("data set %s: %s %s", c.name, file, fmt.Sprintf(format, args...))
}

// read reads batches one after the other. Missing ones are named together.
func (c *cifar) read(files ...string) (*pair, error) {
	var missing []string
	for _, file := range files {
		if _, err := fs.Stat(c.fsys, file); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, file)
		}
	}
	if missing != nil {
		return nil, fmt.Errorf("data set %s lacks %s: CIFAR-10's binary version has %s and %s",
			c.name, strings.Join(missing, ", "), strings.Join(cifarTrain, ", "), cifarTest)
	}
	var labels, images []byte
	for _, file := range files {
		text, err := fs.ReadFile(c.fsys, file)
		if err != nil {
			return nil, c.fault(file, "cannot be read: %v: check the file and its permissions", reason(err))
		}
		switch {
		case bytes.HasPrefix(text, []byte{0x1f, 0x8b}):
			return nil, c.fault(file, "is compressed: unpack it")
		case len(text) == 0 || len(text)%cifarRecord != 0:
			return nil, c.fault(file, "is truncated or no binary batch: it has %d bytes, want a multiple of %d: get the file again", len(text), cifarRecord)
		}
		for i := 0; i < len(text); i += cifarRecord {
			record := text[i : i+cifarRecord]
			if record[0] >= cifarCount {
				return nil, c.fault(file, "has label %d at image %d, which is out of range: the classes are 0 to %d: use the binary version of CIFAR-10",
					record[0], i/cifarRecord, cifarCount-1)
			}
			labels = append(labels, record[0])
			for p := range cifarPlane {
				images = append(images, record[1+p], record[1+cifarPlane+p], record[1+2*cifarPlane+p])
			}
		}
	}
	return &pair{labels: labels, decode: func() ([]byte, error) { return images, nil }}, nil
}

// classes returns the names of the classes.
func (c *cifar) classes() ([]string, error) {
	text, err := fs.ReadFile(c.fsys, cifarNames)
	if errors.Is(err, fs.ErrNotExist) {
		return slices.Clone(cifarClasses), nil
	}
	if err != nil {
		return nil, c.fault(cifarNames, "cannot be read: %v: check the file and its permissions", reason(err))
	}
	names := strings.Fields(string(text))
	if len(names) != cifarCount {
		return nil, c.fault(cifarNames, "names %d classes, want %d: remove it or get it again", len(names), cifarCount)
	}
	return names, nil
}

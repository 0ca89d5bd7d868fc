package dataset

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
)

// The layout of an image folder, that of ImageNet: a folder per class, its name that of the class.
const (
	imagesTrain = "train"
	imagesVal   = "val"
)

// maxHeld bounds the images held out of a large folder: judging a network must not take as long as
// training it.
const maxHeld = 10_000

// ImageOptions say how the images of a folder are read.
type ImageOptions struct {
	Height, Width int // that every image is resized to
	Augment       Augment
	// SkipUnreadable leaves out images that cannot be decoded; otherwise the first is an error.
	SkipUnreadable bool
	// Workers is the number of images decoded at a time. If 0, as many as there are cores.
	Workers int
}

// Images is a folder train/CLASS/*.jpeg and val/CLASS/*.jpeg, also .jpg and .png. Images are decoded when
// a batch needs them. They are resized to one size: those of the validation set and the ones held out by
// the central 7/8 of their largest cut of the right proportions.
type Images struct {
	Name    string
	Classes []string // in the order of their names

	fsys       fs.FS
	options    ImageOptions
	train, val []imageFile
	learn      []int32 // positions in train
	held       []int32
	unreadable atomic.Int64
	first      atomic.Pointer[string] // one of the unreadable
}

// imageFile is one image.
type imageFile struct {
	path  string // within the folder
	size  int64
	class int32
}

// IsImageFolder reports whether a folder has the layout that OpenImages reads.
func IsImageFolder(name string) bool {
	info, err := os.Stat(filepath.Join(name, imagesTrain))
	return err == nil && info.IsDir()
}

// OpenImages lists the images of a folder.
func OpenImages(name string, o ImageOptions) (*Images, error) {
	return openImages(filepath.Clean(name), os.DirFS(name), o)
}

func openImages(name string, fsys fs.FS, o ImageOptions) (*Images, error) {
	if o.Height < 1 || o.Width < 1 {
		panic("dataset: images need a size")
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	s := &Images{Name: name, fsys: fsys, options: o}
	var err error
	if s.Classes, s.train, err = s.list(imagesTrain); err != nil {
		return nil, err
	}
	classes, val, err := s.list(imagesVal)
	if err != nil {
		return nil, err
	}
	if missing := without(s.Classes, classes); missing != nil {
		return nil, fmt.Errorf("data set %s: %s has no folder for %s: both parts need the same classes", name, imagesVal, few(missing))
	}
	if more := without(classes, s.Classes); more != nil {
		return nil, fmt.Errorf("data set %s: %s has no folder for %s: both parts need the same classes", name, imagesTrain, few(more))
	}
	s.val = val
	if len(s.Classes) < 2 {
		return nil, fmt.Errorf("data set %s: %s has one class: at least two are needed", name, imagesTrain)
	}
	labels := make([]int32, len(s.train))
	for i, f := range s.train {
		labels[i] = f.class
	}
	s.learn, s.held = stratify(labels, len(s.Classes), min(maxHeld, len(labels)/heldOneIn))
	return s, nil
}

// list returns the classes of a part and its images in order of class and name.
func (s *Images) list(part string) (classes []string, files []imageFile, err error) {
	entries, err := fs.ReadDir(s.fsys, part)
	if err != nil {
		return nil, nil, fmt.Errorf("data set %s: %s cannot be read: %v: a folder of images has %s/CLASS/*.jpeg and %s/CLASS/*.jpeg",
			s.Name, part, reason(err), imagesTrain, imagesVal)
	}
	var empty []string
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		class := int32(len(classes))
		classes = append(classes, e.Name())
		dir := path.Join(part, e.Name())
		inside, err := fs.ReadDir(s.fsys, dir)
		if err != nil {
			return nil, nil, fmt.Errorf("data set %s: %s cannot be read: %v: check its permissions", s.Name, dir, reason(err))
		}
		before := len(files)
		for _, f := range inside {
			if f.IsDir() || !isImage(f.Name()) {
				continue
			}
			info, err := f.Info()
			if err != nil {
				return nil, nil, fmt.Errorf("data set %s: %s cannot be read: %v: leave the folder alone during a run", s.Name, path.Join(dir, f.Name()), reason(err))
			}
			files = append(files, imageFile{path.Join(dir, f.Name()), info.Size(), class})
		}
		if len(files) == before {
			empty = append(empty, dir)
		}
	}
	switch {
	case classes == nil:
		return nil, nil, fmt.Errorf("data set %s: %s has no folders: put the images of each class into a folder of its own", s.Name, part)
	case empty != nil:
		return nil, nil, fmt.Errorf("data set %s: no image (.jpeg, .jpg, .png) in %s: add images or remove the folder", s.Name, few(empty))
	}
	return classes, files, nil
}

func isImage(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpeg", ".jpg", ".png":
		return !strings.HasPrefix(name, ".")
	}
	return false
}

// without returns the elements of a that b lacks; both are sorted.
func without(a, b []string) (rest []string) {
	for _, v := range a {
		if _, ok := slices.BinarySearch(b, v); !ok {
			rest = append(rest, v)
		}
	}
	return rest
}

// few names up to five things and counts the rest.
func few(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// Train returns the images to learn from, changed as the options say.
func (s *Images) Train() *ImagePart {
	return &ImagePart{set: s, files: s.train, index: s.learn, augment: s.options.Augment}
}

// Held returns the images held out of the training set, at most 10,000: a share of each class.
func (s *Images) Held() *ImagePart { return &ImagePart{set: s, files: s.train, index: s.held} }

// All returns every training image, the held-out ones included, changed as the options say.
func (s *Images) All() *ImagePart {
	return &ImagePart{set: s, files: s.train, index: all(len(s.train)), augment: s.options.Augment}
}

// Test returns the images of the validation folder. No choice may depend on them.
func (s *Images) Test() *ImagePart { return &ImagePart{set: s, files: s.val, index: all(len(s.val))} }

// Skipped returns how often an image was left out because it could not be decoded.
func (s *Images) Skipped() int { return int(s.unreadable.Load()) }

// Unreadable returns the path of an image that was left out, or "".
func (s *Images) Unreadable() string {
	if p := s.first.Load(); p != nil {
		return *p
	}
	return ""
}

// Digest returns the SHA-256 of all paths and sizes in hexadecimal. Contents are not read.
func (s *Images) Digest() string {
	h := sha256.New()
	for _, list := range [][]imageFile{s.train, s.val} {
		for _, f := range slices.SortedFunc(slices.Values(list), func(a, b imageFile) int { return cmp.Compare(a.path, b.path) }) {
			fmt.Fprintf(h, "%s %d\n", f.path, f.size)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

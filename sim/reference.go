package sim

import (
	"embed"
	"io/fs"
)

//go:embed testdata/reference
var reference embed.FS

// Reference returns the data of other tools that the project ships: a folder per source.
func Reference() fs.FS {
	data, err := fs.Sub(reference, "testdata/reference")
	if err != nil {
		panic("sim: the embedded reference data are gone")
	}
	return data
}

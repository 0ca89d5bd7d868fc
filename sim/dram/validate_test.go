package dram

import (
	"fmt"
	"testing"
)

func TestV(t *testing.T) {
	c, err := Validate("../testdata/reference/dram")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range c {
		fmt.Printf("%+v\n", x)
	}
}

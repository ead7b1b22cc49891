// Package house holds the rules of the house as tests: which package may import
// which, which dependency is explained where, which links the documents hold.
package house

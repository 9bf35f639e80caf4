using BenchmarkDotNet.Running;
using TaskFlow.Microbenchmarks;

// In this process: what is measured is internal, and a project generated elsewhere would not find the central package versions.
BenchmarkSwitcher.FromAssembly(typeof(Sample).Assembly).Run([.. args, "--inProcess"]);

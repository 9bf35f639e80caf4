using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("TaskFlow.Push.Tests")]
[assembly: InternalsVisibleTo("TaskFlow.Microbenchmarks")]

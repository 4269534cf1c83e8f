"""What differs between the state of a stack and what is in Azure, without the engine: reads only, as few as can be."""

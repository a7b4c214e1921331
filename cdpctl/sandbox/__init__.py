"""An embedded grid on loopback that keeps the documented contract, to try the program on."""

import "./on-arm64";
import "./boot.test";

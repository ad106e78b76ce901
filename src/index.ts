export { NearFace, type NearFaceInfo } from './api/nearface.ts';
export { Faces } from './api/faces.ts';
export { Galleries } from './api/galleries.ts';
export { EnrolJob } from './api/enrol-job.ts';
export { Jobs } from './api/jobs.ts';
export { RecogniseJob } from './api/recognise-job.ts';
export type {
  RecogniseOptions,
  RecogniseRunOptions,
  RecogniseSource,
  ResultsOptions,
} from './api/recognise-options.ts';
export { Cameras } from './api/cameras.ts';
export {
  type CameraChangedEvent,
  type CameraEvent,
  CameraWatch,
  type WatchAllOptions,
} from './api/camera-watch.ts';
export {
  geometryFromList,
  geometryFromText,
  geometryToList,
  geometryToText,
  regionIn,
} from './video/regions.ts';
export { History } from './api/history.ts';
export { People, type PersonMatch } from './api/people.ts';
export type {
  AddSightingsOptions,
  DeletePersonOptions,
  EnrolPersonOptions,
  ExportHistoryOptions,
  FindPeopleOptions,
  GetPersonOptions,
  ImportHistoryOptions,
  ListCamerasOptions,
  ListPeopleOptions,
  NewSighting,
  PersonFacesOptions,
  PruneOptions,
  RegroupOptions,
  SearchHistoryOptions,
  VisitsOptions,
} from './api/people-options.ts';
export type {
  Camera,
  CameraPatch,
  DayOfVisits,
  FriendRule,
  HistoryImport,
  NewCamera,
  PeoplePage,
  Person,
  PersonDeletion,
  PersonFilter,
  Pruning,
  Regrouping,
  Sighting,
  SightingFilter,
  SightingPage,
  UndonePeopleChange,
} from './core/people.ts';
export { Storage } from './api/storage.ts';
export { Gallery, type Identification, type PersonIdentification } from './api/gallery.ts';
export type { AuditOptions } from './api/audit.ts';
export type { CalibrateOptions } from './api/calibrate.ts';
export type {
  ConfidenceHistogram,
  MeasuredLevel,
  MeasuredPair,
  MeasuredPoint,
  MeasuredRate,
  OwnCalibration,
} from './core/own-calibration.ts';
export type {
  AlikeFinding,
  AuditedPerson,
  AuditFinding,
  AuditKind,
  AuditLikeness,
  AuditPage,
  DuplicateFinding,
  UnlikeFinding,
} from './core/audit.ts';
export type { IdentifiedPerson, Match } from './api/search-gallery.ts';
export type { Comparison, EmbeddingProbe, FacePair, Probe, Similarity } from './api/compare.ts';
export type { AddReport, EnrolOutcome, RejectedFace } from './api/enrol-outcome.ts';
export type { EmbeddingItem } from './api/add-embeddings.ts';
export type { AddManyReport, EnrolItem } from './api/enrol.ts';
export type { BrowserObject } from './core/browser-object.ts';
export type { DecodedByHook, DecodeHook, ImageInput, RgbaPixels } from './api/image-input.ts';
export type {
  DatabasePlace,
  FolderDatabase,
  SecretTemplates,
  ServerDatabase,
} from './core/database-place.ts';
export type { ModelChoices } from './api/model-options.ts';
export type {
  AddEmbeddingOptions,
  AddEmbeddingsOptions,
  AddManyOptions,
  AddOptions,
  ChangePassphraseOptions,
  ChooseOptions,
  ClusterOptions,
  CompareOptions,
  CountOptions,
  CreateGalleryOptions,
  CreateOptions,
  DeleteGalleryOptions,
  DetectOptions,
  EmbedOptions,
  AddPasskeyOptions,
  EncryptOptions,
  EnrolDetails,
  EnrolJobOptions,
  EraseOptions,
  ExportOptions,
  FindOptions,
  IdentifyOptions,
  ImportOptions,
  JobItemsOptions,
  JobRunOptions,
  ListOptions,
  MetasOptions,
  PeopleOptions,
  RegenerateOptions,
  ReplaceOptions,
  PreloadDetails,
  ReturnDetails,
  SearchOptions,
  SignalOptions,
  StatsOptions,
} from './api/options.ts';
export {
  DEFAULT_THRESHOLD,
  similarityFromDistance,
  THRESHOLDS,
  type ResolvedThreshold,
} from './core/confidence.ts';
export { NearFaceError, type ErrorCode, type ErrorDetails, type WireError } from './core/errors.ts';
export type {
  Calibration,
  CalibrationPoint,
  CommonDirections,
  DetectorDecoder,
  FusedNetwork,
  ModelEntry,
  ModelInput,
  ModelManifest,
  ModelRole,
  ModelSource,
  ReliabilityCalibration,
  ReliabilityFit,
  ShapeLayer,
} from './core/manifest.ts';
export type { Age, Attribute, AttributeGroup, Attributes, Emotions } from './core/attributes.ts';
export type {
  EnrolJobSummary,
  JobCounts,
  JobError,
  JobFacts,
  JobItem,
  JobItemStatus,
  JobKind,
  JobProgress,
  JobState,
  JobSummary,
} from './core/jobs.ts';
export type {
  Appearance,
  AppearanceDetection,
  AppearancePage,
  ClosestPerson,
  RecogniseJobSummary,
  RecogniseMedia,
  RecogniseProgress,
  RecognisedSource,
  SourceStatus,
} from './core/recognition.ts';
export type { PhotoSource } from './sources/files.ts';
export type { MetaColumns } from './sources/csv.ts';
export type { MetaRule, Unlisted } from './sources/meta-rule.ts';
export type { Completeness, Quality } from './core/quality.ts';
export {
  checkQuality,
  type EnrolShortfall,
  LENIENT,
  PASSPORT,
  type QualityCheck,
  type QualityGate,
  type QualityItem,
  type QualityShortfall,
} from './core/quality-gate.ts';
export { LIVE_SCORE, MIN_LIVENESS_SIZE, type Liveness } from './core/liveness.ts';
export type { JsonValue } from './core/json-value.ts';
export { DEFAULT_MIN_RELIABILITY } from './core/reliability.ts';
export { overallQuality } from './core/quality-score.ts';
export type {
  Encryption,
  ExportFormat,
  FaceFilter,
  FaceGroup,
  FacePage,
  FacePatch,
  FaceRecord,
  GalleryPatch,
  GalleryStats,
  GallerySummary,
  Grouping,
  ImportReport,
  Keep,
  MetaCount,
  Passkey,
  PassphraseChange,
  PeopleUsage,
  PictureKind,
  Recall,
  Regeneration,
  SearchCode,
  Clearing,
  Damage,
  StorageUsage,
  StoredBytes,
} from './core/records.ts';
export type {
  AlignedCrop,
  Angle,
  Box,
  Detection,
  Face,
  FacesRule,
  Point,
  Point3,
  Progress,
  Region,
  Threshold,
  ThresholdName,
} from './core/types.ts';
export { Challenge } from './api/challenge.ts';
export type { ChallengeOptions } from './api/challenge-options.ts';
export type {
  ChallengeEndedEvent,
  ChallengeEvent,
  ChallengeFailure,
  ChallengeHint,
  ChallengeHintEvent,
  ChallengeResult,
  ChallengeSeen,
  ChallengeStep,
  StepAskedEvent,
  StepDoneEvent,
  StepTaken,
  WrongStepEvent,
} from './video/challenge/events.ts';
export { VideoSession } from './api/video-session.ts';
export type { ImageRow, VideoInput } from './api/video-input.ts';
export type {
  DedupeOptions,
  OverlayOptions,
  PostToOptions,
  WatchEnrolOptions,
  WatchOptions,
} from './api/watch-options.ts';
export type {
  AppearedEvent,
  BestShot,
  BestShotEvent,
  DroppedEvent,
  EndedEvent,
  EnrolledEvent,
  IdentifiedEvent,
  LostEvent,
  MeanFace,
  PostedEvent,
  ProgressEvent,
  SightedEvent,
  SourceChangedEvent,
  TrackedFace,
  TrackMatch,
  VideoEvent,
  VideoOrigin,
  VideoSight,
  VideoStats,
  VideoTime,
} from './video/events.ts';
export type { LostReason } from './video/track-events.ts';
export type { SessionReportOptions } from './api/write-report.ts';
export type { ReportFormat } from './core/report.ts';
export type { FrameWay, SourceInfo } from './video/frame-source.ts';
export { VERSION } from './version.ts';
export type { Stage, Timings } from './core/analysis.ts';
export type { ModelInfo } from './worker/contract.ts';

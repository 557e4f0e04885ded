/** Where keys are made, listed and revoked: the store itself, or a server that runs. Keys are as `/v1/api-keys` has them. */
export interface KeyOffice {
  create(wish: KeyRequest): Promise<MadeKeyView>;
  /** Of one project, or of all. */
  list(project: string | undefined): Promise<KeyView[]>;
  revoke(id: string): Promise<void>;
  close(): Promise<void>;
}

export interface KeyRequest {
  project_id: string;
  name: string;
  scopes: string[];
  expires_at?: string;
}

export interface KeyView {
  id: string;
  project_id: string;
  name: string;
  key_prefix: string;
  scopes: string[];
  expires_at?: string;
  revoked_at?: string;
  last_used_at?: string;
}

export interface MadeKeyView extends KeyView {
  key: string;
}
